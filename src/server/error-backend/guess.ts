import { decide } from "../../core/decide.ts";
import type { Known } from "../../core/intermission.ts";
import type { Settings } from "../../core/settings/resolve.ts";
import { currentRelease } from "../../core/state/state.ts";
import type { AskedUpstreams } from "./asked-upstreams.ts";
import type { RunningReleases } from "./running-releases.ts";
import type { Upstreams } from "./upstreams.ts";

export interface GuessOptions {
  readonly upstreams: Upstreams;
  readonly asked: Pick<AskedUpstreams, "at" | "running">;
  readonly reported: Pick<RunningReleases, "seen">;
  /**
   * How long an earlier release may still answer after another became current, if nobody says. Milliseconds.
   */
  readonly window: number;
}

/**
 * The release of an instance that could not name it: its worker was killed, or the connection refused. null:
 * nothing is recorded to compare with. The first known of these decides:
 *
 * 1. the release registered or learnt for the upstream's address, or that the upstream reports when asked;
 * 2. all upstreams that are asked: while one does not run the current release, it may be that one;
 * 3. likewise the instances that report themselves;
 * 4. the time since the current release was recorded.
 *
 * An instance that counts as current is masked only by an open deploy, like all others.
 */
export function createGuess({
  upstreams,
  asked,
  reported,
  window,
}: GuessOptions): (upstream: string | undefined, known: Known | undefined) => string | null {
  return (upstream, known) => {
    const { seen } = reported;
    const there = upstream === undefined ? undefined : upstreams.releaseOf(upstream);
    // Addresses are reused: a learnt release that no instance runs any more is outdated.
    if (there !== undefined && !(there.learnt && seen?.has(there.release) === false)) return there.release;
    const current = known && currentRelease(known.state);
    if (current === undefined) return null;
    const answering = upstream === undefined ? undefined : asked.at(upstream);
    const running = answering ?? asked.running ?? seen;
    if (running !== undefined) return [...running].find((release) => release !== current.id) ?? current.id;
    const previous = known?.state.releases.at(-2);
    const isRecent = known !== undefined && known.now - current.at < window;
    return previous !== undefined && isRecent ? previous.id : current.id;
  };
}

/** Whether an error without a release is masked now: "a deploy is on". */
export function isIntercepting(
  settings: Settings,
  guessed: string | null,
  known: Known | undefined,
): boolean {
  const { state, now } = known ?? { state: undefined, now: 0 };
  return decide(settings, guessed ?? undefined, state, { status: 500 }, now).verdict === "maintenance";
}
