import { changesLimit, deedOf } from "../core/state/changes.ts";
import { aliveDeploy } from "../core/state/deploys.ts";
import type { Change, State } from "../core/state/state.ts";
import { toEvents, toLoss, type NotifiedEvent } from "./event.ts";

/** An event on its way. Times are the store's, in milliseconds since 1970. */
export interface Pending {
  /** The same in every try, so that receivers can tell repeats. */
  readonly id: string;
  readonly event: NotifiedEvent;
  /** Receivers that don't have it yet. */
  readonly left: readonly string[];
  readonly tries: number;
  /** When it may be tried. Whoever tries sets it ahead, so that nobody else does. */
  readonly dueAt: number;
}

/** Errors were hidden while a release was current, and their sum is yet to be told. */
export interface HiddenWindow {
  readonly release: string;
  /** When that release became current. */
  readonly since: number;
  /** When somebody looks whether it is over. */
  readonly checkAt: number;
}

/** What the store keeps about events: one record an app, shared by all who tell. */
export interface Box {
  /** The keys of the history's entries that were taken up. */
  readonly seen: readonly string[];
  /** The keys of what was told beside them. Newest last. */
  readonly told: readonly string[];
  /** Oldest first. */
  readonly pending: readonly Pending[];
  readonly window?: HiddenWindow;
}

/** An event that no entry of the history tells; only the first with its key is told. */
export interface KeyedEvent {
  readonly key: string;
  readonly event: NotifiedEvent;
}

const mostPending = 40;
const mostTold = 60;
const longestBox = 131_072;

/** With no box yet, older entries of the history are no news. Milliseconds. */
const firstLooksBack = 300_000;
/** The lease of a deploy on a machine that slept may be renewed late. Milliseconds. */
const lostAfter = 60_000;

/** Then it is no news any more. Milliseconds. */
const lastsFor = 86_400_000;

/** How long a try may take before another process may try. Milliseconds. */
export const claimFor = 30_000;
/** Between tries. Milliseconds. */
const pauses = [15_000, 60_000, 300_000, 1_800_000, 7_200_000];

/** What has happened since the box was written, to be told to these receivers. */
export function collect(
  box: Box | undefined,
  state: State,
  news: {
    readonly app: string;
    readonly now: number;
    readonly receivers: readonly string[];
    readonly extra: readonly KeyedEvent[];
    readonly createId: () => string;
  },
): Box {
  const { app, now, receivers, createId } = news;
  const changes = state.changes ?? [];
  const known = new Set(box?.seen);
  let told = box?.told ?? [];
  const events: NotifiedEvent[] = [];
  for (const [index, change] of changes.entries()) {
    if (known.has(keyOf(change)) || (box === undefined && change.at < now - firstLooksBack)) continue;
    const found = toEvents(app, change, modeBefore(changes.slice(0, index)));
    // An instance may have said already that the deploy before is lost.
    events.push(...found.filter((event) => !(event.type === "deploy.lost" && wasTold(event, told))));
  }
  for (const { key, event } of [...news.extra, ...findLoss(app, state, now)]) {
    if (told.includes(key)) continue;
    told = [...told, key].slice(-mostTold);
    events.push(event);
  }
  // The state may be older than the box, so what it lacks may not be forgotten.
  const seen = [...new Set([...known, ...changes.map(keyOf)])].slice(-2 * changesLimit);
  const unchanged = events.length === 0 && changes.every((change) => known.has(keyOf(change)));
  if (box !== undefined && unchanged) return box;
  const pending = events.map((event) => ({
    ...{ id: createId(), event, left: receivers, tries: 0 },
    dueAt: now,
  }));
  return { ...box, seen, told, pending: [...(box?.pending ?? []), ...pending].slice(-mostPending) };
}

/** Takes what is due and can be sent by this process, and keeps others from doing so for a while. */
export function claim(
  box: Box,
  now: number,
  receivers: readonly string[],
): { readonly box: Box; readonly claimed: readonly Pending[] } {
  const claimed = box.pending
    .filter(({ dueAt, left }) => dueAt <= now && left.some((id) => receivers.includes(id)))
    .map((one) => ({ ...one, tries: one.tries + 1, dueAt: now + claimFor }));
  const byId = new Map(claimed.map((one) => [one.id, one]));
  const pending = box.pending.flatMap((one) =>
    now - one.event.at < lastsFor ? [byId.get(one.id) ?? one] : [],
  );
  const unchanged = claimed.length === 0 && pending.length === box.pending.length;
  return { box: unchanged ? box : { ...box, pending }, claimed: claimed.filter(({ id }) => isKept(id)) };

  function isKept(id: string): boolean {
    return pending.some((one) => one.id === id);
  }
}

/** How a try ended. */
export interface Attempt {
  readonly id: string;
  /** Receivers that have it, or want no more. */
  readonly done: readonly string[];
  /** Milliseconds a receiver wants to be left alone. */
  readonly retryAfter: number;
}

/** Notes what was sent. `dropped`: events that will not be tried any more, though somebody lacks them. */
export function settle(
  box: Box,
  attempts: readonly Attempt[],
  now: number,
): { readonly box: Box; readonly dropped: readonly Pending[] } {
  const dropped: Pending[] = [];
  const byId = new Map(attempts.map((attempt) => [attempt.id, attempt]));
  const pending = box.pending.flatMap((one): readonly Pending[] => {
    const attempt = byId.get(one.id);
    if (attempt === undefined) return [one];
    const left = one.left.filter((id) => !attempt.done.includes(id));
    if (left.length === 0) return [];
    const pause = pauses[one.tries - 1];
    if (pause === undefined) {
      dropped.push(one);
      return [];
    }
    return [{ ...one, left, dueAt: now + Math.max(pause, attempt.retryAfter) }];
  });
  return { box: { ...box, pending }, dropped };
}

export function withoutWindow(box: Box): Box {
  const rest = { ...box };
  delete (rest as { window?: HiddenWindow }).window;
  return rest;
}

export function encodeBox(box: Box, mark: string): string {
  return JSON.stringify({ mark, ...box });
}

/** undefined: nothing was kept, or not by us. Then it begins anew. */
export function decodeBox(text: string | undefined): Box | undefined {
  if (text === undefined || text.length > longestBox) return undefined;
  try {
    const parsed = JSON.parse(text) as Partial<Box> | null;
    const { seen, told, pending, window } = parsed ?? {};
    if (!isTexts(seen) || !isTexts(told) || !Array.isArray(pending) || !pending.every(isPending))
      return undefined;
    return { seen, told, pending, ...(isWindow(window) ? { window } : {}) };
  } catch {
    return undefined;
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isPending(value: unknown): value is Pending {
  const { id, event, left, tries, dueAt } = Object(value) as Partial<Pending>;
  const { type, app, at, text, data } = Object(event) as Partial<NotifiedEvent>;
  return (
    [id, type, app, text].every((one) => typeof one === "string") &&
    [tries, dueAt, at].every(Number.isFinite) &&
    isTexts(left) &&
    typeof data === "object"
  );
}

function isWindow(value: unknown): value is HiddenWindow {
  const { release, since, checkAt } = Object(value) as Partial<HiddenWindow>;
  return typeof release === "string" && Number.isFinite(since) && Number.isFinite(checkAt);
}

/** Short, because every process that tells reads a hundred of them. FNV-1a, 53 bits. */
function keyOf({ at, by, what }: Change): string {
  const text = `${String(at)} ${by} ${what}`;
  let one = 0x811c9dc5;
  let other = 0xdeadbeef;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    one = Math.imul(one ^ code, 0x01000193);
    other = Math.imul(other ^ code, 0x5bd1e995);
  }
  return `${(one >>> 0).toString(36)}${(other >>> 0).toString(36)}`;
}

function modeBefore(changes: readonly Change[]): "closed" | "errors" | undefined {
  const last = changes.map(deedOf).findLast((deed) => deed?.kind === "manual-on");
  return last?.kind === "manual-on" ? last.mode : undefined;
}

function findLoss(app: string, state: State, now: number): readonly KeyedEvent[] {
  const { deploy } = state;
  if (deploy === undefined || aliveDeploy(state, now - lostAfter) !== undefined) return [];
  const { release, openedAt, leaseUntil } = deploy;
  return [{ key: `lost ${String(openedAt)} ${release}`, event: toLoss(app, leaseUntil, release) }];
}

function wasTold({ data }: NotifiedEvent, told: readonly string[]): boolean {
  return told.some((key) => /^lost \d+ /.test(key) && key.endsWith(` ${String(data["release"])}`));
}
