import { isLongMismatch, mismatchSince } from "../core/decide.ts";
import type { Events } from "../core/events.ts";
import type { Clock, Store } from "../core/ports.ts";
import { runDetached } from "../core/runtime.ts";
import type { Settings } from "../core/settings/resolve.ts";
import type { Warning } from "../core/settings/options.ts";
import { aliveDeploy } from "../core/state/deploys.ts";
import { currentRelease, type State } from "../core/state/state.ts";
import { isIntermissionError, reasonOf } from "../core/errors.ts";
import { readInstances, readReports } from "../reports/instances.ts";
import { sumReports } from "../reports/sum.ts";
import { withoutWindow, type KeyedEvent } from "./box.ts";
import { createEvent } from "./event.ts";
import { createOutbox } from "./outbox.ts";
import { createReceivers } from "./receiver.ts";

export interface NotifierOptions {
  readonly settings: Settings;
  readonly store: Store;
  readonly clock: Clock;
  readonly events: Pick<Events, "listen">;
  readonly instanceRelease: () => string | undefined;
  /** What was read last, and the store's time. */
  readonly known: () => { readonly state: State; readonly now: number } | undefined;
  readonly warn: (warning: Warning) => void;
}

export interface Notifier {
  close(): void;
}

/** Milliseconds between two looks into the outbox; a fifth is chance, so that instances take turns. */
const lookEvery = 10_000;
/** An instance that fails at its start has 20 s to say so. Milliseconds. */
const firstLook = 2000;
/** Between two looks whether a window is over, by whichever instance. Milliseconds. */
const checkEvery = 60_000;

/**
 * Tells what only instances know (hidden errors, a mismatch that lasts), and what the command line could not
 * send.
 *
 * @throws IntermissionError `bad-option`
 */
export async function startNotifier(options: NotifierOptions): Promise<Notifier> {
  const { settings, store, clock, events, instanceRelease, known, warn } = options;
  const { app } = settings;
  const receivers = await createReceivers(settings.webhook, settings.webhookSecret);
  const outbox = createOutbox({ store, app, clock, receivers });
  const startedAt = clock.now();
  let hidden: { readonly release: string; readonly since: number; readonly reason: string } | undefined;
  let toldHidden: string | undefined;
  let cancel: (() => void) | undefined;
  let closed = false;

  const stopListening = events.listen((event) => {
    if (event.kind !== "masked" || event.masked.observed === true || hidden !== undefined) return;
    const { reason } = event.masked;
    const record = known();
    const current = record && currentRelease(record.state);
    if (current === undefined || (reason !== "release-mismatch" && reason !== "deploy-open")) return;
    if (`${current.id} ${String(current.at)}` === toldHidden) return;
    hidden = { release: current.id, since: current.at, reason };
  });

  function findNews({ state, now }: { readonly state: State; readonly now: number }): readonly KeyedEvent[] {
    const news: KeyedEvent[] = [];
    if (hidden !== undefined) {
      const { release, since, reason } = hidden;
      const text = `the first error is hidden from visitors, while ${release} is the current release.`;
      news.push({
        key: `hidden ${String(since)} ${release}`,
        event: createEvent("errors.hidden", app, now, text, { release, reason }),
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
        key: `mismatch ${String(current.at)} ${current.id}`,
        event: createEvent("mismatch.long", app, now, text, data),
      });
    }
    return news;
  }

  async function look(): Promise<void> {
    const record = known();
    // Nothing is recorded yet, so there is nothing to tell.
    if (record === undefined || currentRelease(record.state) === undefined) return;
    const begun = hidden;
    const { failures } = await outbox.flush(findNews(record), record.state);
    if (begun !== undefined) {
      const { release, since } = begun;
      toldHidden = `${release} ${String(since)}`;
      hidden = undefined;
      await outbox.change((box, now) => {
        if (box === undefined || box.told.includes(`sum ${String(since)} ${release}`)) return box;
        return box.window === undefined
          ? { ...box, window: { release, since, checkAt: now + checkEvery } }
          : box;
      });
    }
    await checkWindow(record);
    if (failures.length > 0) warnOf(failures.join("; "));
  }

  /** Tells the sum of a window's hidden errors once it is over. */
  async function checkWindow({ state, now }: { readonly state: State; readonly now: number }): Promise<void> {
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
    const { reports } = await readReports(store.reports, app, now - since + 20_000);
    const { masked, instances: by } = sumReports(reports, { release, since });
    const text = `${String(masked)} errors were hidden from visitors while ${release} replaced the release before it.`;
    const event = createEvent("errors.sum", app, now, text, { release, hiddenErrors: masked, instances: by });
    await outbox.change((box) => (box?.window?.since === since ? withoutWindow(box) : box));
    await outbox.flush([{ key: `sum ${String(since)} ${release}`, event }], state);
  }

  function warnOf(found: string): void {
    warn({
      code: "notify-failed",
      message: `A webhook could not be told, and is tried again: ${found}. Nothing else is concerned. Check it with: intermission notify test`,
    });
  }

  function close(): void {
    closed = true;
    stopListening();
    cancel?.();
  }

  function schedule(delay: number): void {
    if (closed) return;
    cancel = runDetached(() =>
      clock.after(delay, () => {
        look()
          .catch((error: unknown) => {
            if (closed) return;
            warnOf(reasonOf(error));
            // Trying again would change nothing.
            if (isIntermissionError(error) && error.code === "store-denied") close();
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
