import type { Bypass } from "../core/bypass.ts";
import { isClosed } from "../core/decide.ts";
import type { GateFacts, GateOutcome } from "../core/intermission.ts";
import type { Clock } from "../core/ports.ts";
import type { Settings } from "../core/settings/resolve.ts";
import { emptyState, type State } from "../core/state/state.ts";
import type { PageLoader } from "./page/loader.ts";
import type { Watcher } from "./state/watcher.ts";

export interface GateOptions {
  readonly settings: Settings;
  readonly watcher: Watcher;
  readonly clock: Clock;
  readonly bypass: Bypass;
  readonly pages: PageLoader;
  /** What the `skip` option says of a request. */
  readonly skips: (request: unknown) => boolean;
}

type Outcome = GateOutcome | undefined;

/** What becomes of a request before the app is asked. */
export function createGate(options: GateOptions): (facts: GateFacts) => Outcome | Promise<Outcome> {
  const { settings, watcher, clock, bypass, pages, skips } = options;

  function gate(facts: GateFacts): Outcome | Promise<Outcome> {
    const { manual } = known().state;
    if (facts.link !== undefined && manual?.key !== undefined) {
      return bypass
        .verify(facts.link, manual.key, known().now)
        .then((valid) => (valid ? "admitted" : closeOut(facts)));
    }
    return closeOut(facts);
  }

  function closeOut(facts: GateFacts): Outcome | Promise<Outcome> {
    if (settings.observe || !isClosedTo(facts)) return undefined;
    // Nobody is to be closed out a second after the mode was put off.
    const freshened = watcher.freshen(clock.now());
    if (freshened === undefined) return unlessAllowed(facts);
    return freshened.then(() => (isClosedTo(facts) ? unlessAllowed(facts) : undefined));
  }

  function unlessAllowed(facts: GateFacts): Outcome | Promise<Outcome> {
    const { state, now } = known();
    const key = state.manual?.key;
    if (skips(facts.request)) return undefined;
    if (facts.bypass === undefined || key === undefined) return withPages();
    return bypass.verify(facts.bypass, key, now).then((valid) => (valid ? undefined : withPages()));
  }

  function withPages(): Outcome | Promise<Outcome> {
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

  return gate;
}
