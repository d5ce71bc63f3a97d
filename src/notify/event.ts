import type { Change } from "../core/state/state.ts";

/** What a webhook tells. docs/webhooks.md lists the types and their data. */
export type EventType =
  | "release.created"
  | "release.rolled-back"
  | "deploy.begun"
  | "deploy.succeeded"
  | "deploy.failed"
  | "deploy.lost"
  | "site.closed"
  | "site.opened"
  | "manual.on"
  | "manual.off"
  | "errors.hidden"
  | "errors.sum"
  | "mismatch.long"
  | "test";

export interface NotifiedEvent {
  readonly type: EventType;
  readonly app: string;
  /** The store's time, in milliseconds since 1970. */
  readonly at: number;
  /** One sentence for people. */
  readonly text: string;
  readonly data: Readonly<Record<string, string | number | null>>;
}

/** Stays the same over all tries, so that a receiver can tell a repeated one. */
export function createMessageId(): string {
  return `msg_${globalThis.crypto.randomUUID().replaceAll("-", "")}`;
}

/** Characters: the outbox keeps events, and chat services refuse long texts. */
const longestText = 500;

export function createEvent(
  type: EventType,
  app: string,
  at: number,
  text: string,
  data: NotifiedEvent["data"] = {},
): NotifiedEvent {
  const characters = Array.from(`${app}: ${text}`);
  const short =
    characters.length <= longestText
      ? characters.join("")
      : `${characters.slice(0, longestText - 1).join("")}…`;
  return { type, app, at, text: short, data };
}

/**
 * The events that an entry of the history tells. Empty: none. They are made from its words, which are those of
 * `store-operations.ts`, so that changes by the command line, the console and code are told alike.
 *
 * @param modeBefore The manual mode before it, as far as the history says.
 */
export function toEvents(
  app: string,
  { at, by, what }: Change,
  modeBefore: "closed" | "errors" | undefined,
): readonly NotifiedEvent[] {
  const make = (type: EventType, text: string, data: NotifiedEvent["data"] = {}): NotifiedEvent =>
    createEvent(type, app, at, text, { by, ...data });

  const created = /^create-release (.+)$/.exec(what)?.[1];
  if (created !== undefined)
    return [
      make("release.created", `${created} is the current release now, by ${by}.`, { release: created }),
    ];
  const rolled = /^rollback (.+)$/.exec(what)?.[1];
  if (rolled !== undefined)
    return [make("release.rolled-back", `rolled back to ${rolled}, by ${by}.`, { release: rolled })];
  const opened = /^(?:deploy (.+) was lost; )?(?:deploy .+ taken over; )?deploy (.+) opened$/.exec(what);
  if (opened !== null) {
    const [, lost, release = ""] = opened;
    return [
      ...(lost === undefined ? [] : [toLoss(app, at, lost)]),
      make("deploy.begun", `the deploy of ${release} has begun, by ${by}.`, { release }),
    ];
  }
  const ended = /^deploy (.+?) (succeeded|failed|aborted|lost)(?: \((.+)\))?(?:, rollback (.+))?$/.exec(what);
  if (ended !== null) {
    const [, release = "", outcome = "", note, restored] = ended;
    const why = note === undefined ? "" : ` (${note})`;
    const back = restored === undefined ? "" : ` ${restored} is the current release again.`;
    return [
      make(
        outcome === "succeeded" ? "deploy.succeeded" : outcome === "lost" ? "deploy.lost" : "deploy.failed",
        `the deploy of ${release} ${outcome === "failed" ? "has failed" : outcome === "aborted" ? "was aborted" : outcome}${why}.${back}`,
        { release, outcome, note: note ?? null, restoredRelease: restored ?? null },
      ),
    ];
  }
  if (/^on --all\b/.test(what)) return [make("site.closed", `the site is closed, by ${by}.`)];
  if (/^on\b/.test(what)) return [make("manual.on", `every server error gets the page now, by ${by}.`)];
  if (what === "off") {
    return modeBefore === "errors"
      ? [make("manual.off", `manual mode is off, by ${by}.`)]
      : [make("site.opened", `the site is open again, by ${by}.`)];
  }
  return [];
}

export function toLoss(app: string, at: number, release: string): NotifiedEvent {
  const text = `the deploy of ${release} is lost: nobody closed it, and its lease ran out. It masks nothing any more.`;
  return createEvent("deploy.lost", app, at, text, { release });
}
