import { parseAddressRange, type AddressRange } from "../address-range.ts";
import { matchesPath, parsePathGlob, type PathPattern } from "../path-glob.ts";
import type { Manual } from "./state.ts";

/** What is known of a request, as far as manual mode asks. */
export interface ManualFacts {
  /** Without its query. */
  readonly path?: string | undefined;
  /** The client's address, as the framework has it. */
  readonly address?: string | undefined;
  /** It carries a valid bypass. */
  readonly bypassed?: boolean | undefined;
}

/** What one mode may exempt of paths, and of addresses. A record that has more, no Intermission wrote. */
export const mostExemptions = 16;

/**
 * Where platforms ask whether an instance is alive. One that is told 503 takes the instance away, and with it the page.
 *
 * Kubernetes (`/healthz`, `/livez`, `/readyz`), Rails, Laravel and Kamal (`/up`), Spring (`/actuator/health`), Google App
 * Engine (`/_ah/…`), OpenFaaS (`/_/health`), Azure App Service (`/robots933456.txt`), and the names that most others use.
 */
export const healthPaths: readonly string[] = [
  ...["/healthz", "/livez", "/readyz", "/startupz"],
  ...["/health", "/health/live", "/health/ready", "/health/startup", "/healthcheck"],
  ...["/up", "/actuator/health", "/actuator/health/*"],
  ...["/_ah/health", "/_ah/start", "/_ah/stop", "/_ah/warmup", "/_/health", "/robots933456.txt"],
];

const healthPatterns = healthPaths.map(parsePathGlob);

/** Whether a closed site lets a platform's health check through to the app. */
export function isOpenHealthPath(manual: Manual | undefined, { path }: ManualFacts): boolean {
  return manual?.closeHealthPaths !== true && matchesPath(healthPatterns, path);
}

/** Whether manual mode leaves a request alone. */
export function isManualExempt(manual: Manual | undefined, facts: ManualFacts): boolean {
  if (facts.bypassed === true) return true;
  if (manual === undefined) return false;
  const { paths, addresses } = exemptionsOf(manual);
  if (matchesPath(paths, facts.path)) return true;
  if (addresses.length === 0) return false;
  const { address } = facts;
  return address !== undefined && addresses.some((range) => range.contains(address));
}

interface Exemptions {
  readonly paths: readonly PathPattern[];
  readonly addresses: readonly AddressRange[];
}

// A snapshot keeps its state until another one is written.
const known = new WeakMap<Manual, Exemptions>();

function exemptionsOf(manual: Manual): Exemptions {
  let exemptions = known.get(manual);
  if (exemptions === undefined) {
    exemptions = {
      paths: parseEach(manual.exemptPaths, parsePathGlob),
      addresses: parseEach(manual.exemptAddresses, parseAddressRange),
    };
    known.set(manual, exemptions);
  }
  return exemptions;
}

/** One that was written by hand, and can't be understood, exempts nothing. */
function parseEach<Parsed>(
  texts: readonly string[] | undefined,
  parse: (text: string) => Parsed,
): readonly Parsed[] {
  return (texts ?? []).slice(0, mostExemptions).flatMap((text) => {
    try {
      return [parse(text)];
    } catch {
      return [];
    }
  });
}
