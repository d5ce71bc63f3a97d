import { deedOf } from "../core/state/changes.ts";
import type { DeployOutcome } from "../core/state/deploys.ts";
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
 * The events that an entry of the history tells. Empty: none.
 *
 * @param modeBefore The manual mode before it, as far as the history says.
 */
export function toEvents(
  app: string,
  change: Change,
  modeBefore: "closed" | "errors" | undefined,
): readonly NotifiedEvent[] {
  const { at, by } = change;
  const make = (type: EventType, text: string, data: NotifiedEvent["data"] = {}): NotifiedEvent =>
    createEvent(type, app, at, text, { by, ...data });
  const deed = deedOf(change);
  switch (deed?.kind) {
    case "release-recorded": {
      const { release } = deed;
      return [make("release.created", `${release} is the current release now, by ${by}.`, { release })];
    }
    case "rolled-back": {
      const { release } = deed;
      return [make("release.rolled-back", `rolled back to ${release}, by ${by}.`, { release })];
    }
    case "deploy-begun": {
      const { release, lost } = deed;
      return [
        ...(lost === undefined ? [] : [toLoss(app, at, lost)]),
        make("deploy.begun", `the deploy of ${release} has begun, by ${by}.`, { release }),
      ];
    }
    case "deploy-ended": {
      const { release, outcome, note = null, restored = null } = deed;
      const why = note === null ? "" : ` (${note})`;
      const back = restored === null ? "" : ` ${restored} is the current release again.`;
      const [type, verb] = endings[outcome];
      const data = { release, outcome, note, restoredRelease: restored };
      return [make(type, `the deploy of ${release} ${verb}${why}.${back}`, data)];
    }
    case "manual-on":
      return deed.mode === "closed"
        ? [make("site.closed", `the site is closed, by ${by}.`)]
        : [make("manual.on", `every server error gets the page now, by ${by}.`)];
    case "manual-off":
      return (deed.mode ?? modeBefore) === "errors"
        ? [make("manual.off", `manual mode is off, by ${by}.`)]
        : [make("site.opened", `the site is open again, by ${by}.`)];
    case "releases-imported":
    case undefined:
      return [];
  }
}

const endings: Readonly<Record<DeployOutcome, readonly [type: EventType, verb: string]>> = {
  succeeded: ["deploy.succeeded", "succeeded"],
  failed: ["deploy.failed", "has failed"],
  aborted: ["deploy.failed", "was aborted"],
  lost: ["deploy.lost", "lost"],
};

export function toLoss(app: string, at: number, release: string): NotifiedEvent {
  const text = `the deploy of ${release} is lost: nobody closed it, and its lease ran out. It masks nothing any more.`;
  return createEvent("deploy.lost", app, at, text, { release });
}
