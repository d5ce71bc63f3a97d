import { IntermissionError, show } from "../../core/errors.ts";
import { redactUrl } from "../shared/redact-url.ts";
import { expectedToken, isToken, type Resource } from "./protocol.ts";

export interface AddressOptions {
  readonly url: string;
  readonly token?: string | undefined;
  readonly unencrypted?: boolean | undefined;
}

export interface Address {
  readonly token: string;
  urlOf(resource: Resource, parameters: Readonly<Record<string, string>>): string;
}

/** Names of this machine: what is sent there, no network sees. */
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
    // Parameters and not parts of the path, in which proxies and URLs themselves change `..`, `//` and `%2F`.
    urlOf: (resource, parameters) => `${base}${resource}?${new URLSearchParams(parameters).toString()}`,
  };
}

function toUrl(given: unknown): URL {
  const text = typeof given === "string" ? given.trim() : "";
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw bad(given, "https://:TOKEN@HOST/PATH", "What is special in the token is percent-encoded.");
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
