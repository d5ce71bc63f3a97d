import { IntermissionError, show } from "../../core/errors.ts";
import { redactUrl } from "../shared/url.ts";

export interface AddressOptions {
  readonly url: string;
  readonly token?: string | undefined;
  readonly unencrypted?: boolean | undefined;
}

export interface Address {
  readonly token: string;
  urlOf(resource: Resource, parameters: Readonly<Record<string, string>>): string;
}

/** Names of this machine, so no network sees the traffic. */
const loopback = /^(?:localhost|(?:[^.]+\.)+localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** @throws IntermissionError `bad-option` */
export function toAddress({ url: given, token: givenToken, unencrypted }: AddressOptions): Address {
  const url = toUrl(given);
  const inUrl = decode(url.password);
  const token: unknown = givenToken ?? (inUrl === "" ? undefined : inUrl);
  if (!isToken(token)) {
    throw new IntermissionError("bad-option", {
      problem: "The token of the HTTP store can't be used",
      expected: expectedToken,
      got: typeof token === "string" ? `one of ${String(token.length)} characters` : "none",
      remedy: "Write it into the URL, https://:TOKEN@HOST/PATH, or give the option token.",
    });
  }
  const allowed = unencrypted ?? url.searchParams.get("unencrypted") === "true";
  if (url.protocol === "http:" && !loopback.test(url.hostname) && !allowed) {
    throw bad(
      given,
      "https:",
      "With http: everybody on the way can read the token. Use https:, or add ?unencrypted=true where the network is your own.",
    );
  }
  const base = `${url.origin}${url.pathname.replace(/\/*$/, "/")}`;
  return {
    token,
    // As parameters, because proxies and URLs themselves change `..`, `//` and `%2F` in a path.
    urlOf: (resource, parameters) => `${base}${resource}?${new URLSearchParams(parameters).toString()}`,
  };
}

function toUrl(given: unknown): URL {
  const text = typeof given === "string" ? given.trim() : "";
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw bad(given, "https://:TOKEN@HOST/PATH", "Percent-encode special characters in the token.");
  }
  const url = new URL(text);
  const names = [...url.searchParams.keys()];
  const value = url.searchParams.get("unencrypted") ?? "true";
  const isPlain = names.every((name) => name === "unencrypted") && /^(?:true|false)$/.test(value);
  if (!isPlain || url.hash !== "") {
    throw bad(given, "no parameter but unencrypted=true", "Leave the others out.");
  }
  return url;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function bad(given: unknown, expected: string, remedy: string): IntermissionError {
  return new IntermissionError("bad-option", {
    problem: "The URL of the HTTP store can't be used",
    expected,
    got: typeof given === "string" ? show(redactUrl(given)) : show(given),
    remedy,
  });
}

/* What both sides of the HTTP store share. docs/stores.md describes it for those who write their own side. */

/** The last part of the path. */
export type Resource = "record" | "reports";

/** Far more than any record or report. Bytes of JSON. */
export const maximumBodyBytes = 1_048_576;

/** For the answer with all of an app's reports. */
export const maximumListBytes = 33_554_432;

/** `token68` of RFC 9110 section 11.2, which a header takes unencoded. */
const tokenPattern = /^[A-Za-z0-9\-._~+/]{16,512}={0,2}$/;

export const expectedToken =
  "at least 16 characters of letters, digits and - . _ ~ + /, such as `openssl rand -hex 32` prints";

export function isToken(value: unknown): value is string {
  return typeof value === "string" && tokenPattern.test(value);
}

/** The body of `POST record`. */
export interface WriteBody {
  readonly value: string;
  readonly expectedVersion: number;
  readonly currentRelease?: string;
}

/** The body of `PUT reports`. */
export interface PutBody {
  readonly value: string;
  /** Milliseconds. */
  readonly keepFor: number;
}
