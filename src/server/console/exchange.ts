import { isIntermissionError, reasonOf } from "../../core/errors.ts";
import { readText, TooLongError } from "../../stores/shared/bounded-text.ts";
import { policy } from "./frame.ts";

/** The part of a `node:http` request that is used. Express's fits too. */
export interface ConsoleRequest extends AsyncIterable<Uint8Array> {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Express's, if the console is mounted under a path. */
  readonly originalUrl?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** The part of a `node:http` response that is used. */
export interface ConsoleResponse {
  writeHead(status: number, headers: Record<string, string | number>): unknown;
  write(text: string): boolean;
  end(body?: string | Uint8Array): unknown;
  once(event: "close", listener: () => void): unknown;
  destroy(): unknown;
  readonly writableLength: number;
}

/** Somebody who may see the console. */
export interface ConsoleVisitor {
  /** For the history, such as `ann`. At most 64 characters are kept. */
  readonly name: string;
  /** May change things: record releases, turn manual mode on, end a deploy. */
  readonly mayChange: boolean;
}

/** The submitted form by field name. Empty fields are left out. */
export type Fields = ReadonlyMap<string, string>;

const mostBytes = 16_384;
const mostFields = 32;
const longestName = 64;

export const commonHeaders = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": policy,
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
};

/**
 * Whether the console itself sent the form, according to the browser (Fetch Metadata, `Origin`). A program
 * that sends its own token can't have been tricked into it.
 */
export function isSameOrigin({ headers }: Pick<ConsoleRequest, "headers">): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin";
  const { origin, host } = headers;
  if (typeof origin === "string" && typeof host === "string")
    return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
  return origin === undefined && headers["authorization"] !== undefined;
}

export function toFields(text: string): Fields {
  const pairs = [...new URLSearchParams(text)].filter(([, value]) => value !== "").slice(0, mostFields);
  return new Map(pairs);
}

/** undefined: not a form, or too long. */
export async function readForm(request: ConsoleRequest): Promise<string | undefined> {
  const type = String(request.headers["content-type"] ?? "").split(";", 1)[0];
  const isForm = type?.trim().toLowerCase() === "application/x-www-form-urlencoded";
  if (!isForm && type !== "") return undefined;
  try {
    return await readText(request, mostBytes);
  } catch (error) {
    if (error instanceof TooLongError) return undefined;
    throw error;
  }
}

export function send(response: ConsoleResponse, status: number, body: string): void {
  response.writeHead(status, commonHeaders);
  response.end(body);
}

export function refuse(response: ConsoleResponse, status: number, text: string): void {
  response.writeHead(status, { ...commonHeaders, "content-type": "text/plain; charset=utf-8" });
  response.end(`${text}\n`);
}

export function messageOf(error: unknown): string {
  return isIntermissionError(error) ? error.message : reasonOf(error);
}

/** Control characters could forge lines in a terminal that shows the history. */
export function toName(name: string): string {
  const words = name.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "").trim();
  return Array.from(words === "" ? "somebody" : words)
    .slice(0, longestName)
    .join("");
}
