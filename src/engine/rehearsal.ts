import { boundedMap } from "../core/bounded-map.ts";
import { decide, observe, type Facts, type Verdict } from "../core/decide.ts";
import type { GateFacts, Intermission, RehearsalFacts } from "../core/intermission.ts";
import type { Clock, Page } from "../core/ports.ts";
import {
  createRehearsalId,
  digestOf,
  evidenceHeader,
  isSigned,
  parseRehearsal,
  sealEvidence,
  type RehearsalToken,
} from "../core/rehearsal.ts";
import type { Settings } from "../core/settings/resolve.ts";
import { currentRelease, emptyState, type Rehearsal, type State } from "../core/state/state.ts";
import { version } from "../reports/version.ts";
import type { PageLoader } from "./page/loader.ts";
import type { Watcher } from "./state/snapshot.ts";

/** The page with its evidence. undefined: no such rehearsal. */
export type Rehearse = (facts: GateFacts, rehearsal: RehearsalFacts) => Promise<Page | undefined>;

export interface RehearsalOptions {
  readonly settings: Settings;
  readonly isProxy: boolean;
  /** undefined: unknown, or this process judges for others. */
  readonly instanceRelease: () => string | undefined;
  readonly watcher: Watcher;
  readonly clock: Clock;
  readonly pages: Pick<PageLoader, "load">;
  readonly page: Intermission["page"];
  readonly skips: (request: unknown) => boolean;
}

/** The status that a rehearsed failure counts as having. */
const failedStatus = 500;

/** Each lives for a minute and asks at most a hundred times. */
const mostRemembered = 1000;

/** Longer headers of the page are not compared, to keep the evidence short. Characters. */
const longestCompared = 64;

/**
 * Answers a rehearsal's key holder with the page, once per token, as if the app had failed during a deploy.
 */
export function createRehearsal(options: RehearsalOptions): Rehearse {
  const { settings, isProxy, instanceRelease, watcher, clock, pages, page, skips } = options;
  const processId = createRehearsalId();
  const used = boundedMap<string, true>(mostRemembered);

  function find(id: string): Rehearsal | undefined {
    const { snapshot } = watcher;
    const found = snapshot?.state.rehearsals?.find((one) => one.id === id);
    return found !== undefined && storeNow() < found.expiresAt ? found : undefined;
  }

  function storeNow(): number {
    return clock.now() + (watcher.snapshot?.storeOffset ?? 0);
  }

  async function keyOf(token: RehearsalToken): Promise<string | undefined> {
    let rehearsal = find(token.id);
    if (rehearsal === undefined) {
      await watcher.freshen(clock.now());
      rehearsal = find(token.id);
    }
    if (rehearsal === undefined || !(await isSigned(token, settings.app, rehearsal.key))) return undefined;
    // No `await` between the check and this: two requests with one token must not both pass.
    if (used.has(token.nonce)) return undefined;
    used.set(token.nonce, true);
    return rehearsal.key;
  }

  function verdictOn(state: State, facts: Facts): Verdict {
    // A proxy has no release. It judges by those of its upstreams, which are assumed to run the current one.
    const { snapshot } = watcher;
    const release = isProxy ? ((snapshot && currentRelease(snapshot.state)?.id) ?? "v0") : instanceRelease();
    const verdict = decide(settings, release, state, facts, storeNow());
    return settings.observe ? observe(verdict) : verdict;
  }

  function inWindow(facts: Facts): Verdict {
    // No instance's release is blank, so this never matches.
    const current = { id: " ", at: storeNow() };
    return verdictOn({ ...emptyState, releases: [current] }, facts);
  }

  return async ({ path, address, request }: GateFacts, { token, pageRequest }: RehearsalFacts) => {
    const parsed = parseRehearsal(token);
    const key = parsed && (await keyOf(parsed));
    if (key === undefined) return undefined;
    await pages.load();
    const shown = page({ ...pageRequest, failedStatus }, "deploy");
    // Whatever stands in front may compress it otherwise, and whoever asks has it decompressed.
    const decoded = page({ ...pageRequest, failedStatus, acceptEncoding: undefined }, "deploy");
    const state = watcher.snapshot?.state ?? emptyState;
    const facts: Facts = { status: failedStatus, path, address, skipped: skips(request) };
    const evidence = await sealEvidence(
      {
        role: isProxy ? "proxy" : "instance",
        process: processId,
        version,
        release: instanceRelease() ?? null,
        currentRelease: currentRelease(state)?.id ?? null,
        verdict: verdictOn(state, facts),
        inWindow: inWindow(facts),
        status: shown.status,
        headers: comparable(decoded),
        body: await digestOf(new Uint8Array(decoded.body)),
      },
      token,
      key,
    );
    return { ...shown, headers: { ...shown.headers, [evidenceHeader]: evidence } };
  };
}

function comparable({ headers }: Page): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => name !== "vary" && value.length <= longestCompared),
  );
}
