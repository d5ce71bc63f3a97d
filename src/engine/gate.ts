import { type Bypass, hasBypass } from "../core/bypass.ts";
import { isClosed } from "../core/decide.ts";
import type { Events } from "../core/events.ts";
import type { GateFacts, GateOutcome } from "../core/intermission.ts";
import type { Clock } from "../core/ports.ts";
import type { Settings } from "../core/settings/resolve.ts";
import { emptyState, type State } from "../core/state/state.ts";
import type { PageLoader } from "./page/loader.ts";
import type { RehearsalOptions, Rehearse } from "./rehearsal.ts";
import type { Watcher } from "./state/snapshot.ts";

export interface GateOptions {
  readonly settings: Settings;
  readonly watcher: Watcher;
  readonly clock: Clock;
  readonly bypass: Pick<Bypass, "verify" | "verifyCookies">;
  readonly pages: PageLoader;
  /** The `skip` option's answer for a request. */
  readonly skips: (request: unknown) => boolean;
  readonly events: Events;
  /** Never rejects. */
  readonly rehearse: Rehearse;
}

type Outcome = GateOutcome | undefined;

/** Decides what happens to a request before the app is asked. */
export function createGate(options: GateOptions): (facts: GateFacts) => Outcome | Promise<Outcome> {
  const { settings, watcher, clock, bypass, pages, skips, events, rehearse } = options;

  function gate(facts: GateFacts): Outcome | Promise<Outcome> {
    if (facts.rehearsal === undefined) return pass(facts);
    return rehearse(facts, facts.rehearsal).then((page) => page ?? pass(facts));
  }

  function pass(facts: GateFacts): Outcome | Promise<Outcome> {
    const { manual } = known().state;
    if (facts.link !== undefined && manual?.key !== undefined) {
      return bypass
        .verify(facts.link, manual.key, known().now)
        .then((valid) => (valid ? "admitted" : closeTo(facts)));
    }
    return closeTo(facts);
  }

  function closeTo(facts: GateFacts): Outcome | Promise<Outcome> {
    if (settings.observe || !isClosedTo(facts)) return undefined;
    // The site may just have been opened again.
    const freshened = watcher.freshen(clock.now());
    if (freshened === undefined) return unlessExcused(facts);
    return freshened.then(() => (isClosedTo(facts) ? unlessExcused(facts) : undefined));
  }

  function unlessExcused(facts: GateFacts): Outcome | Promise<Outcome> {
    const { state, now } = known();
    const key = state.manual?.key;
    if (skips(facts.request)) return undefined;
    if (!hasBypass(facts.cookie) || key === undefined) return whenLoaded();
    return bypass.verifyCookies(facts.cookie, key, now).then((valid) => (valid ? undefined : whenLoaded()));
  }

  function whenLoaded(): Outcome | Promise<Outcome> {
    return pages.loaded ? "closed" : pages.load().then(() => "closed");
  }

  function isClosedTo(facts: GateFacts): boolean {
    const { state, now } = known();
    return isClosed(settings, state, facts, now);
  }

  function known(): { readonly state: State; readonly now: number } {
    const { snapshot } = watcher;
    if (snapshot === undefined) return { state: emptyState, now: clock.now() };
    return { state: snapshot.state, now: clock.now() + snapshot.storeOffset };
  }

  return (facts) => {
    const outcome = gate(facts);
    if (!events.active) return outcome;
    const tell = (known: Outcome): Outcome => {
      if (known === "closed") events.emit({ kind: "closed" });
      return known;
    };
    return outcome instanceof Promise ? outcome.then(tell) : tell(outcome);
  };
}

/** Rehearsals are rare, so their code is loaded for the first. */
export function createLazyRehearsal(options: RehearsalOptions): Rehearse {
  let loading: Promise<Rehearse> | undefined;
  return async (...parameters) => {
    try {
      loading ??= import("./rehearsal.ts").then(({ createRehearsal }) => createRehearsal(options));
      return await (
        await loading
      )(...parameters);
    } catch {
      return undefined;
    }
  };
}
