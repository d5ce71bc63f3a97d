import { parseAddressRange, type AddressRange } from "../address-range.ts";
import { parsePathGlob, type PathPattern } from "../path-glob.ts";
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

/** Whether manual mode leaves a request alone. */
export function isManualExempt(manual: Manual | undefined, facts: ManualFacts): boolean {
  if (facts.bypassed === true) return true;
  if (manual === undefined) return false;
  const { path } = facts;
  const { paths, addresses } = exemptionsOf(manual);
  if (path !== undefined && paths.some((pattern) => pattern.test(path))) return true;
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

/** One that was written by hand and can't be understood exempts nothing. */
function parseEach<Parsed>(
  texts: readonly string[] | undefined,
  parse: (text: string) => Parsed,
): readonly Parsed[] {
  return (texts ?? []).flatMap((text) => {
    try {
      return [parse(text)];
    } catch {
      return [];
    }
  });
}
