import { evidenceHeader, type Evidence } from "../../core/rehearsal.ts";
import type { Arrived, Outcome } from "./visit.ts";

/** What is known about the store, for an answer that none of its instances gave. */
export interface StoreFacts {
  readonly app: string;
  /** The store's address without its password. */
  readonly place: string;
  /** How many instances have reported to the store. Undefined: it keeps no reports. */
  readonly instances: number | undefined;
}

/** Why it is not the page that an instance of this store sends. Undefined: it is. */
export function faultOf(outcome: Outcome, storeFacts: StoreFacts): string | undefined {
  if ("failure" in outcome) return `There is no answer: ${outcome.failure}.`;
  const { evidence } = outcome;
  if (evidence === undefined) return strangerOf(outcome, storeFacts);
  return verdictFault(evidence) ?? changeOf(outcome, evidence);
}

/** Who answered instead of an instance. */
function strangerOf({ status, headers }: Arrived, { app, place, instances }: StoreFacts): string {
  const answered = `the answer was ${String(status)}`;
  if (headers.has(evidenceHeader)) {
    return "Another rehearsal's answer came back: a cache in front keeps the page, against its Cache-Control: no-store.";
  }
  const location = headers.get("location");
  if (status >= 300 && status < 400 && location !== null)
    return `It redirects to ${location}. Rehearse the address that answers.`;
  if (isCached(headers)) {
    return "A cache in front answered, and the app was not asked. Rehearse an address that it does not keep, such as one for people who are signed in.";
  }
  if (headers.has("x-maintenance")) {
    return `The maintenance page came (${headers.get("x-maintenance") ?? ""}), but from no instance that knows of this rehearsal: something in front answers by itself, or takes out the header X-Intermission-Rehearsed.`;
  }
  const store = `the store ${place} (app ${app})`;
  if (instances === undefined) {
    return `The app answered as usual: ${answered}. It runs without Intermission or has another store than ${place} (app ${app}), or something in front takes out the header X-Intermission-Rehearsal.`;
  }
  if (instances === 0) {
    return `The app answered as usual: ${answered}, and no instance has reported itself to ${store}. The app runs without Intermission, or has another store or another name. Look with intermission doctor where the app runs.`;
  }
  return `The app answered as usual: ${answered}. ${String(instances)} ${instances === 1 ? "instance uses" : "instances use"} ${store}, but none got the request: the address leads to something else, or something in front takes out the header X-Intermission-Rehearsal.`;
}

function isCached(headers: Headers): boolean {
  if (Number(headers.get("age")) > 0) return true;
  return ["x-cache", "cf-cache-status", "x-proxy-cache", "x-cache-status", "cache-status"].some((name) =>
    /\bhit\b/i.test(headers.get(name) ?? ""),
  );
}

/** Why visitors would not get the page there, although the rehearsal did. */
function verdictFault({ inWindow }: Evidence): string | undefined {
  if (inWindow.observed === true) {
    return "The instance only observes (MAINTENANCE_OBSERVE), so no visitor would get the page.";
  }
  if (inWindow.verdict === "maintenance") return undefined;
  if (inWindow.reason === "exempt")
    return "This request is exempt (options exempt and skip): its errors stay as they are.";
  if (inWindow.reason === "no-instance-release") {
    return "The instance does not know its release, so none of its errors are masked. Set MAINTENANCE_PAGE_RELEASE where it runs.";
  }
  return `An error on this address would stay as it is (${inWindow.reason}).`;
}

/** What something in front changed. */
function changeOf({ status, headers, body }: Arrived, sent: Evidence): string | undefined {
  const inFront = "Something in front has changed the page";
  if (status !== sent.status)
    return `${inFront}: it was sent with ${String(sent.status)} and came with ${String(status)}.`;
  for (const [name, value] of Object.entries(sent.headers)) {
    const arrived = headers.get(name);
    if (normalized(arrived) === normalized(value)) continue;
    return arrived === null
      ? `${inFront}: the header ${name} is gone. It was ${value}.`
      : `${inFront}: the header ${name} was ${value} and came as ${arrived}.`;
  }
  return body === sent.body ? undefined : `${inFront}: its body was changed.`;
}

/** Proxies write parameters in different ways. */
function normalized(value: string | null): string | undefined {
  return value?.toLowerCase().replace(/\s/g, "");
}

/** Whether a visitor after the rehearsal got any of it. Undefined: no. */
export function leftoverOf(page: Arrived, after: Outcome): string | undefined {
  if ("failure" in after) return `Asked again, there is no answer: ${after.failure}.`;
  const isKept = after.headers.has(evidenceHeader) || (after.body === page.body && isCached(after.headers));
  return isKept
    ? "Asked again without the rehearsal, the page came: a cache in front has kept it, against its Cache-Control: no-store."
    : undefined;
}
