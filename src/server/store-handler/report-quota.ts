import { maximumReports, type Clock } from "../../core/ports.ts";
import { Refusal } from "./refusal.ts";

/** Bounds what holders of a token can put into the store, whoever they are. For one handler. */
export interface ReportQuota {
  /** Counts a request, before its body is read. @throws Refusal 429 */
  enter(): void;
  /**
   * Makes room for a report.
   *
   * @returns How long to keep it: less than asked once an app's history is full. Milliseconds.
   * @throws Refusal 429: the app has too many living ones already.
   */
  admit(app: string, id: string, value: string, keepFor: number): number;
}

/** Reports a second on average, and at once: those of 7,000 instances. */
const perSecond = 500;
const atOnce = 2000;

/** An instance that has not reported for this long is gone. Milliseconds. */
const livesFor = 120_000;

/** Of an app's living instances, and again of its history. A list of both fits into an answer. Bytes of JSON. */
const roomPerApp = 15 * 1_048_576;

/** The history of all apps. */
const mostKept = 50_000;

/** Milliseconds between two searches for expired ones. */
const sweepEvery = 10_000;

interface Room {
  /** By id, the next to expire first. */
  readonly living: Map<string, Held>;
  livingBytes: number;
  readonly kept: Map<string, Held>;
  keptBytes: number;
}

interface Held {
  readonly bytes: number;
  /** By the clock. */
  readonly until: number;
}

export function createReportQuota(clock: Clock): ReportQuota {
  const rooms = new Map<string, Room>();
  let tokens = atOnce;
  let filledAt = clock.now();
  let sweptAt = filledAt;
  let kept = 0;

  function roomOf(app: string): Room {
    const room = rooms.get(app) ?? { living: new Map(), livingBytes: 0, kept: new Map(), keptBytes: 0 };
    rooms.set(app, room);
    return room;
  }

  function expire(room: Room, now: number): void {
    for (const [id, { bytes, until }] of room.living) {
      if (until > now) break;
      room.living.delete(id);
      room.livingBytes -= bytes;
    }
  }

  function forget(room: Room, id: string): void {
    const before = room.kept.get(id);
    if (before === undefined) return;
    room.kept.delete(id);
    room.keptBytes -= before.bytes;
    kept--;
  }

  function sweep(now: number): void {
    if (now - sweptAt < sweepEvery) return;
    sweptAt = now;
    for (const [app, room] of rooms) {
      expire(room, now);
      for (const [id, { until }] of room.kept) if (until <= now) forget(room, id);
      if (room.living.size + room.kept.size === 0) rooms.delete(app);
    }
  }

  return {
    enter() {
      const now = clock.now();
      tokens = Math.min(atOnce, tokens + ((now - filledAt) / 1000) * perSecond);
      filledAt = now;
      if (tokens < 1) throw new Refusal(429, "Too many reports at once.", { "retry-after": "1" });
      tokens--;
    },

    admit(app, id, value, keepFor) {
      const now = clock.now();
      sweep(now);
      const room = roomOf(app);
      expire(room, now);
      const bytes = sizeInList(id, value);
      const before = room.living.get(id);
      const others = room.livingBytes - (before?.bytes ?? 0);
      if ((before === undefined && room.living.size >= maximumReports) || others + bytes > roomPerApp) {
        throw new Refusal(429, "The app has too many reports.", { "retry-after": "60" });
      }
      room.living.delete(id);
      room.living.set(id, { bytes, until: now + livesFor });
      room.livingBytes = others + bytes;

      // What is kept longer must not take the place of those that live.
      forget(room, id);
      if (keepFor <= livesFor) return keepFor;
      const isFull =
        kept >= mostKept || room.kept.size >= maximumReports || room.keptBytes + bytes > roomPerApp;
      if (isFull) return livesFor;
      room.kept.set(id, { bytes, until: now + keepFor });
      room.keptBytes += bytes;
      kept++;
      return keepFor;
    },
  };
}

/** Bytes that a report takes in the answer with all of them. Its time is one of 13 digits. */
export function sizeInList(id: string, value: string): number {
  return new TextEncoder().encode(JSON.stringify({ id, value, at: 1e12 })).length + 1;
}
