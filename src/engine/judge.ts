import { type Bypass, hasBypass } from "../core/bypass.ts";
import {
  causeOf,
  decide,
  isLongMismatch,
  isServerError,
  mismatchSince,
  observe,
  type Facts,
  type Verdict,
} from "../core/decide.ts";
import { reasonOf } from "../core/errors.ts";
import type { Events } from "../core/events.ts";
import type { FailedAnswer, Intermission, Replacement } from "../core/intermission.ts";
import type { Clock, Page, PageCause, PageRequest } from "../core/ports.ts";
import type { MaskedError, Warning } from "../core/settings/options.ts";
import type { Settings } from "../core/settings/resolve.ts";
import { noticeOf } from "../core/state/manual.ts";
import { currentRelease, type RecordedRelease } from "../core/state/state.ts";
import { callbackWarning, longMismatchWarning, observedWarning, verdictWarning } from "../core/warnings.ts";
import type { PageLoader } from "./page/loader.ts";
import type { ReportLoader } from "./reporter.ts";
import type { Watcher } from "./state/snapshot.ts";

export interface JudgeOptions {
  readonly settings: Settings;
  /** undefined: unknown, or this process judges for others. */
  readonly instanceRelease: () => string | undefined;
  /** Don't warn about a missing release of its own. */
  readonly isProxy: boolean;
  readonly watcher: Watcher;
  readonly clock: Clock;
  readonly bypass: Pick<Bypass, "verifyCookies">;
  readonly pages: PageLoader;
  readonly report: Pick<ReportLoader, "count" | "countRegular">;
  readonly events: Events;
  /** Where the records are, for messages. */
  readonly storePlace: () => string | undefined;
  readonly warn: (warning: Warning, about?: string) => void;
}

export interface Judge extends Pick<Intermission, "replacementFor" | "page"> {
  /** No promise if the verdict is certain at once. The promise never rejects. */
  judge(facts: Judged): Verdict | Promise<Verdict>;
  /** The `skip` option's answer for the framework's request. Never throws. */
  skips(request: unknown): boolean;
  /** Sends the warning that the verdict's reason calls for. */
  warnOf(reason: Verdict["reason"]): void;
  /** As in `Health`. */
  mismatchFor(): number | undefined;
  /** How many errors a deploy masked, or would have, while this release was current. */
  hidden(): { readonly current: RecordedRelease; readonly count: number } | undefined;
  /** Warns once for each window that stays open too long. */
  warnOfMismatch(): void;
}

type Judged = Facts & Partial<Pick<FailedAnswer, "cookie" | "release">>;

const exempt: Verdict = { verdict: "regular", reason: "exempt" };

/**
 * The one path of a failed answer, from its facts to the page and the count: `skip`, the verdict, at most one
 * read of the store, the `mask` option, `observe`, the page.
 */
export function createJudge(options: JudgeOptions): Judge {
  const { settings, instanceRelease, isProxy, watcher, clock, bypass, pages, report, events, warn } = options;
  const { storePlace } = options;
  const startedAt = clock.now();
  let hidden: { readonly current: RecordedRelease; count: number } | undefined;

  function storeNow(): number {
    return clock.now() + (watcher.snapshot?.storeOffset ?? 0);
  }

  function releaseOf({ release }: Pick<Judged, "release">): string | undefined {
    return release === undefined ? instanceRelease() : (release ?? undefined);
  }

  /** @param answer Its release is read again, because it may have become known while the verdict waited. */
  function verdictAt(now: number, answer: Judged, facts: Facts): Verdict {
    const { snapshot } = watcher;
    return decide(settings, releaseOf(answer), snapshot?.state, facts, now + (snapshot?.storeOffset ?? 0));
  }

  function verdictOn(answer: Judged): Verdict | Promise<Verdict> {
    const now = clock.now();
    const verdict = verdictAt(now, answer, answer);
    if (verdict.reason !== "manual") return revalidate(now, verdict, answer, answer);
    const { cookie } = answer;
    const key = watcher.snapshot?.state.manual?.key;
    if (!hasBypass(cookie) || key === undefined) return revalidate(now, verdict, answer, answer);
    return bypass.verifyCookies(cookie, key, storeNow()).then((bypassed) => {
      const facts = { ...toFacts(answer), bypassed };
      const later = clock.now();
      return revalidate(later, verdictAt(later, answer, facts), answer, facts);
    });
  }

  /** Asks the store first if the snapshot is too old for this verdict. */
  function revalidate(
    now: number,
    verdict: Verdict,
    answer: Judged,
    facts: Facts,
  ): Verdict | Promise<Verdict> {
    if (verdict.reason === "exempt") return verdict;
    if (verdict.verdict === "maintenance") {
      // The store can't override what this instance was started with.
      const overdue = settings.manual ? undefined : watcher.refreshBehind(now);
      return overdue?.then(() => conclude(answer, facts)) ?? applyOptions(verdict, facts);
    }
    const refreshed = watcher.freshen(now);
    if (refreshed !== undefined) return refreshed.then(() => conclude(answer, facts));
    warnOf(verdict.reason);
    return verdict;
  }

  function conclude(answer: Judged, facts: Facts): Verdict | Promise<Verdict> {
    const verdict = verdictAt(clock.now(), answer, facts);
    warnOf(verdict.reason);
    return applyOptions(verdict, facts);
  }

  function applyOptions(verdict: Verdict, facts: Facts): Verdict | Promise<Verdict> {
    if (verdict.verdict === "regular") return settings.observe ? observe(verdict) : verdict;
    const masked = applyMask(verdict, facts);
    if (settings.observe) return observe(masked);
    if (pages.loaded || masked.verdict === "regular") return masked;
    return pages.load().then(() => masked);
  }

  function applyMask(verdict: Verdict, facts: Facts): Verdict {
    const { mask } = settings;
    if (mask === undefined || verdict.reason === "manual") return verdict;
    try {
      return mask(facts.error, toFacts(facts)) ? verdict : { verdict: "regular", reason: "not-masked" };
    } catch (error) {
      warn(callbackWarning("mask", error));
      return verdict;
    }
  }

  function judge(answer: Judged, isSkipped = false): Verdict | Promise<Verdict> {
    if (!events.active || !isServerError(answer.status)) return isSkipped ? exempt : verdictOn(answer);
    const begun = clock.now();
    const tell = (verdict: Verdict, waited: number): Verdict => {
      const { verdict: kind, reason } = verdict;
      events.emit({ kind: "judged", verdict: kind, reason, status: answer.status, waited });
      return verdict;
    };
    const verdict = isSkipped ? exempt : verdictOn(answer);
    if (!(verdict instanceof Promise)) return tell(verdict, 0);
    return verdict.then((late) => tell(late, clock.now() - begun));
  }

  function replacementFor(failed: FailedAnswer): Replacement | undefined | Promise<Replacement | undefined> {
    const verdict = judge(failed, failed.request !== undefined && skips(failed.request));
    if (verdict instanceof Promise) return verdict.then((late) => toReplacement(failed, late));
    return toReplacement(failed, verdict);
  }

  function toReplacement(failed: FailedAnswer, verdict: Verdict): Replacement | undefined {
    if (verdict.observed === true) countMasked(failed, verdict);
    if (verdict.verdict === "regular") {
      if (verdict.observed !== true && verdict.reason !== "exempt" && isServerError(failed.status))
        (failed.instance ?? report).countRegular();
      return undefined;
    }
    try {
      return new MaskedAnswer(failed, verdict, page(failed.pageRequest, causeOf(verdict)), countMasked);
    } catch (error) {
      warn({
        code: "page-failed",
        message: `The page could not be made (${reasonOf(error)}); the error stays regular`,
        error,
      });
      return undefined;
    }
  }

  function countMasked(failed: FailedAnswer, { reason, observed }: Verdict): void {
    const state = watcher.snapshot?.state;
    const current = state && currentRelease(state);
    // Field by field: masked errors come in storms, and a spread would cost more than everything else here.
    const masked: { -readonly [Key in keyof MaskedError]: MaskedError[Key] } = {
      status: failed.status,
      method: failed.method,
      path: failed.path,
      reason,
      request: failed.request,
      instanceRelease: releaseOf(failed),
      currentRelease: current?.id,
    };
    if (reason !== "manual" && current !== undefined) {
      if (!isSame(hidden?.current, current)) hidden = { current, count: 0 };
      if (hidden !== undefined) hidden.count++;
    }
    const { error } = failed;
    if (error !== undefined) masked.error = error;
    if (observed === true) {
      masked.observed = observed;
      warn(observedWarning(masked));
    }
    (failed.instance ?? report).count(masked);
    try {
      settings.onMasked?.(masked);
    } catch (failure) {
      warn(callbackWarning("onMasked", failure));
    }
    if (events.active) events.emit({ kind: "masked", masked });
  }

  function page(pageRequest: PageRequest, cause: PageCause = "deploy"): Page {
    return pages.pageFor(pageRequest, cause, noticeOf(watcher.snapshot?.state, cause, storeNow()));
  }

  function skips(request: unknown): boolean {
    if (settings.skip === undefined) return false;
    try {
      return settings.skip(request);
    } catch (error) {
      warn(callbackWarning("skip", error));
      return false;
    }
  }

  function warnOf(reason: Verdict["reason"]): void {
    const warning = verdictWarning(reason, settings, storePlace());
    if (warning === undefined || (isProxy && reason === "no-instance-release")) return;
    warn(warning, reason === "window-passed" ? nameWindow() : undefined);
  }

  /** Each time a release becomes current, a new window begins. */
  function nameWindow(): string | undefined {
    const state = watcher.snapshot?.state;
    const current = state && currentRelease(state);
    return current && `${current.id} ${String(current.at)}`;
  }

  /** The store's time. */
  function mismatchBegan(): number | undefined {
    const { snapshot } = watcher;
    return snapshot && mismatchSince(snapshot.state, instanceRelease(), startedAt + snapshot.storeOffset);
  }

  function mismatchFor(): number | undefined {
    const current = watcher.snapshot && currentRelease(watcher.snapshot.state);
    if (current === undefined || instanceRelease() === undefined) return undefined;
    const since = mismatchBegan();
    return since === undefined ? 0 : Math.max(0, storeNow() - since);
  }

  function warnOfMismatch(): void {
    const [since, now, release] = [mismatchBegan(), storeNow(), instanceRelease()];
    const current = watcher.snapshot && currentRelease(watcher.snapshot.state);
    if (!isLongMismatch(settings, since, now) || release === undefined || current === undefined) return;
    const age = now - since;
    const count = isSame(hidden?.current, current) ? (hidden?.count ?? 0) : 0;
    warn(longMismatchWarning(settings, { release, current: current.id, age, hidden: count }), nameWindow());
  }

  return { judge, replacementFor, page, skips, warnOf, mismatchFor, hidden: () => hidden, warnOfMismatch };
}

function isSame(one: RecordedRelease | undefined, other: RecordedRelease): boolean {
  return one?.at === other.at && one.id === other.id;
}

class MaskedAnswer implements Replacement {
  readonly page: Page;
  readonly reason: Verdict["reason"];
  readonly originalStatus: number;
  readonly #failed: FailedAnswer;
  readonly #verdict: Verdict;
  readonly #count: (failed: FailedAnswer, verdict: Verdict) => void;

  constructor(
    failed: FailedAnswer,
    verdict: Verdict,
    page: Page,
    count: (failed: FailedAnswer, verdict: Verdict) => void,
  ) {
    this.page = page;
    this.reason = verdict.reason;
    this.originalStatus = failed.status;
    this.#failed = failed;
    this.#verdict = verdict;
    this.#count = count;
  }

  sent(): void {
    this.#count(this.#failed, this.#verdict);
  }
}

/** A copy, because callers may keep it or add to it. */
function toFacts(facts: Facts): Facts {
  const { status, path, address, contentType, retryAfter, skipped, error, bypassed } = facts;
  return { status, path, address, contentType, retryAfter, skipped, error, bypassed };
}
