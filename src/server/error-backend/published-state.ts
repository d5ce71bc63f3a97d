import { decide, pageStatus } from "../../core/decide.ts";
import type { Intermission } from "../../core/intermission.ts";
import type { PageCause } from "../../core/ports.ts";
import { currentRelease, emptyState, type State, type StoredMode } from "../../core/state/state.ts";
import { modeAt } from "../../core/state/manual.ts";
import { keptHeaders } from "../../http/headers.ts";
import { toPageFiles, type PageFile } from "../../page/page-file.ts";
import { toOneLine } from "./one-line.ts";

/** What decides, for proxies that decide themselves. */
export interface Situation {
  readonly mode: StoredMode;
  /** null: none is recorded. */
  readonly newest: string | null;
  /** Releases whose errors are shown as they are. */
  readonly regular: readonly string[];
  readonly deployOpen: boolean;
  /** Errors without a release are masked now. */
  readonly active: boolean;
}

/** @param active Whether an error without a release is masked. */
export function toSituation({ settings, known }: Intermission, active: boolean): Situation {
  const { state, now } = known ?? { state: emptyState, now: 0 };
  const mode = modeAt(state, now);
  const { deploy } = state;
  return {
    mode: settings.manual && mode === "auto" ? "errors" : mode,
    newest: currentRelease(state)?.id ?? null,
    regular: state.releases
      .map(({ id }) => id)
      .filter((id) => decide(settings, id, state, { status: 500 }, now).verdict === "regular"),
    deployOpen: deploy !== undefined && now < deploy.leaseUntil,
    active,
  };
}

/** What is published: on request, and as files. */
export interface Publication {
  readonly situation: Situation;
  /** JSON. */
  readonly state: string;
  readonly pages: readonly PageFile[];
}

/** How long a publication is valid, unless a change is due earlier. Milliseconds. */
export const validFor = 30_000;

export function toPublication(intermission: Intermission, situation: Situation): Publication {
  const { settings, known } = intermission;
  const cause = causeOfMode(situation.mode);
  const pages = toPageFiles((pageRequest) => intermission.page(pageRequest, cause));
  const own = pages.filter(({ language }) => language === settings.language);
  const texts = Object.fromEntries(own.map((page) => [keyOf(page), toText(page)]));
  const machineNow = Date.now();
  const validUntil = Math.round(
    machineNow + Math.min(validFor, known === undefined ? validFor : nextChange(known.state, known.now)),
  );
  const state = {
    app: settings.app,
    ...situation,
    ...Object.fromEntries(Object.entries(texts).map(([key, { body }]) => [key, body])),
    headers: Object.fromEntries(Object.entries(texts).map(([key, { headers }]) => [key, headers])),
    // `original`: the status of the replaced error. A closed site has none.
    status: cause === "closed" ? pageStatus(settings.statusCode, cause, undefined) : settings.statusCode,
    // What a proxy keeps from the failed answer.
    keep: { ...keptHeaders, names: [...keptHeaders.names, ...settings.keepHeaders] },
    retryAfter: Number(own[0]?.headers["retry-after"] ?? settings.retryAfter),
    validUntil: new Date(validUntil).toISOString(),
    validUntilSeconds: Math.floor(validUntil / 1000),
  };
  return { situation, state: JSON.stringify(state), pages };
}

function causeOfMode(mode: StoredMode): PageCause {
  if (mode === "closed") return "closed";
  return mode === "errors" ? "manual" : "deploy";
}

function keyOf({ extension }: PageFile): string {
  return extension === "txt" ? "text" : extension;
}

function toText({ extension, headers, body }: PageFile): {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
} {
  const text = new TextDecoder().decode(body);
  const policy = headers["content-security-policy"] ?? "";
  const line =
    extension === "html" ? toOneLine(text, policy) : { html: text.trim().replace(/\s*\n\s*/g, " "), policy };
  return { body: line.html, headers: { ...headers, "content-security-policy": line.policy } };
}

/** Milliseconds until something changes by itself. */
function nextChange({ manual, deploy }: State, now: number): number {
  const times = [manual?.from, manual?.until, deploy?.leaseUntil].flatMap((time) =>
    time === undefined || time <= now ? [] : [time - now],
  );
  return Math.min(Number.POSITIVE_INFINITY, ...times);
}
