import { isLongMismatch, mismatchSince } from "../core/decide.ts";
import type { Known } from "../core/intermission.ts";
import type { Clock, Store } from "../core/ports.ts";
import { runDetached } from "../core/runtime.ts";
import type { Settings } from "../core/settings/resolve.ts";
import type { Warning } from "../core/settings/options.ts";
import { aliveDeploy } from "../core/state/deploys.ts";
import { currentRelease, type RecordedRelease } from "../core/state/state.ts";
import { isIntermissionError, reasonOf } from "../core/errors.ts";
import { readInstances } from "../reports/instances.ts";
import { readMaskedSince } from "../reports/sum.ts";
import { withoutWindow, type KeyedEvent } from "./box.ts";
import { createEvent } from "./event.ts";
import { createOutbox } from "./outbox.ts";
import { createReceivers } from "./receiver.ts";

export interface NotifierOptions {
  readonly settings: Settings;
  readonly store: Store;
  readonly clock: Clock;
  /** Errors that were masked while this release was current. */
  readonly hidden: () => { readonly current: RecordedRelease } | undefined;
  readonly instanceRelease: () => string | undefined;
  /** What was read last, and the store's time. */
  readonly known: () => Known | undefined;
  readonly warn: (warning: Warning) => void;
}

export interface Notifier {
  close(): void;
}

/** Milliseconds between two looks into the outbox; a fifth is chance, so that instances take turns. */
const lookEvery = 10_000;
/** An instance that fails at its start has 20 s to say so. Milliseconds. */
const firstLook = 2000;
/** A store that is down has its own warning. From this many failures in a row, something else is wrong. */
const worthAWarning = 3;
/** Between two looks whether a window is over, by whichever instance. Milliseconds. */
const checkEvery = 60_000;

/**
 * Tells what only instances know (hidden errors, a mismatch that lasts), and what the command line could not
 * send.
 *
 * @throws IntermissionError `bad-option`
 */
export async function startNotifier(options: NotifierOptions): Promise<Notifier> {
  const { settings, store, clock, hidden, instanceRelease, known, warn } = options;
  const { app } = settings;
  const receivers = await createReceivers(settings.webhook, settings.webhookSecret);
  const outbox = createOutbox({ store, app, clock, receivers });
  const startedAt = clock.now();
  let toldHidden: string | undefined;
  let cancel: (() => void) | undefined;
  let failures = 0;
  let closed = false;

  /** The release during which an error was hidden that nobody here has told yet. */
  function untold(): RecordedRelease | undefined {
    const current = settings.observe ? undefined : hidden()?.current;
    return current === undefined || nameOf(current) === toldHidden ? undefined : current;
  }

  function findNews({ state, now }: Known, masked: RecordedRelease | undefined): readonly KeyedEvent[] {
    const news: KeyedEvent[] = [];
    if (masked !== undefined) {
      const text = `the first error is hidden from visitors, while ${masked.id} is the current release.`;
      news.push({
        key: `hidden ${nameOf(masked)}`,
        event: createEvent("errors.hidden", app, now, text, { release: masked.id }),
      });
    }
    const release = instanceRelease();
    const current = currentRelease(state);
    const since = mismatchSince(state, release, startedAt + now - clock.now());
    if (isLongMismatch(settings, since, now) && current !== undefined && release !== undefined) {
      const minutes = Math.floor((now - since) / 60_000);
      const text = `instances have run ${release} beside the current release, ${current.id}, for ${String(minutes)} minutes. All that time their errors are hidden.`;
      const data = { release, currentRelease: current.id, seconds: Math.round((now - since) / 1000) };
      news.push({
        key: `mismatch ${nameOf(current)}`,
        event: createEvent("mismatch.long", app, now, text, data),
      });
    }
    return news;
  }

  async function look(): Promise<void> {
    const record = known();
    // Nothing is recorded yet, so there is nothing to tell.
    if (record === undefined || currentRelease(record.state) === undefined) return;
    const masked = untold();
    const sent = await outbox.flush(findNews(record, masked), record.state);
    if (masked !== undefined) {
      toldHidden = nameOf(masked);
      await outbox.change((box, now) => {
        if (box === undefined || box.window !== undefined || box.told.includes(`sum ${nameOf(masked)}`))
          return box;
        return { ...box, window: { release: masked.id, since: masked.at, checkAt: now + checkEvery } };
      });
    }
    await checkWindow(record);
    if (sent.failures.length > 0) warnOf(sent.failures.join("; "));
  }

  /** Tells the sum of a window's hidden errors once it is over. */
  async function checkWindow({ state, now }: Known): Promise<void> {
    const window = outbox.box?.window;
    if (window === undefined || now < window.checkAt || store.reports === undefined) return;
    const isMine = await outbox.change((box, at) => {
      const due = box?.window;
      if (box === undefined || due?.since !== window.since || due.checkAt > at) return box;
      return { ...box, window: { ...due, checkAt: at + checkEvery } };
    });
    if (!isMine) return;
    const { instances } = await readInstances(store.reports, app);
    const current = currentRelease(state);
    const isBehind = instances.some(({ role, release }) => role !== "proxy" && release !== current?.id);
    const isCurrent = current?.at === window.since;
    if (isCurrent && (isBehind || aliveDeploy(state, now) !== undefined)) return;
    const { release, since } = window;
    const moment = { release, since, ago: now - since };
    const { masked, instances: by } = await readMaskedSince(store.reports, app, moment);
    const text = `${String(masked)} errors were hidden from visitors while ${release} replaced the release before it.`;
    const event = createEvent("errors.sum", app, now, text, { release, hiddenErrors: masked, instances: by });
    await outbox.change((box) => (box?.window?.since === since ? withoutWindow(box) : box));
    await outbox.flush([{ key: `sum ${nameOf({ id: release, at: since })}`, event }], state);
  }

  function warnOf(found: string, next = "and is tried again"): void {
    warn({
      code: "notify-failed",
      message: `A webhook could not be told, ${next}: ${found}. Everything else works as before. Check it with: intermission notify test`,
    });
  }

  function close(): void {
    closed = true;
    cancel?.();
  }

  function schedule(delay: number): void {
    if (closed) return;
    cancel = runDetached(() =>
      clock.after(delay, () => {
        look()
          .then(() => {
            failures = 0;
          })
          .catch((error: unknown) => {
            failures++;
            const isDenied = isIntermissionError(error) && error.code === "store-denied";
            if (closed || (!isDenied && failures !== worthAWarning)) return;
            warnOf(reasonOf(error), isDenied ? "and this instance tries no more" : undefined);
            if (isDenied) close();
          })
          .finally(() => {
            schedule(lookEvery * (0.9 + 0.2 * clock.random()));
          });
      }),
    );
  }

  schedule(firstLook * (1 + clock.random()));
  return { close };
}

/** Each time a release becomes current, a new window begins. */
function nameOf({ id, at }: RecordedRelease): string {
  return `${String(at)} ${id}`;
}
