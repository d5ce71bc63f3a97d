import type { Intermission } from "../core/intermission.ts";
import { isRelease } from "../core/release.ts";

/** Most releases need no encoding, and nearly every answer names one. */
const plain = /^[\w.~+:@/-]{1,127}$/;

/** Whether a release with exactly this name is recorded. */
export function recordedIn(intermission: Pick<Intermission, "known">): (release: string) => boolean {
  return (release) => intermission.known?.state.releases.some(({ id }) => id === release) === true;
}

/**
 * The release that an instance names in a response header. null: none, or an ambiguous one.
 *
 * A release is percent-encoded UTF-8 (RFC 3986 section 2), because a header allows few characters. If it
 * needs no encoding, it may be sent as it is. If the header was added twice, by the app and by something in
 * front of it, it counts if both agree.
 *
 * @param sent Its value as Node has it: Latin-1, repeated headers joined by commas.
 * @param isRecorded Whether a release with exactly this name is recorded: then the name is not encoded.
 */
export function readReleaseHeader(
  sent: string | undefined,
  isRecorded: (release: string) => boolean = () => false,
): string | null {
  if (sent !== undefined && plain.test(sent)) return sent;
  const text = toUtf8(sent ?? "").trim();
  if (isRecorded(text)) return text;
  const [release, ...others] = new Set(
    text
      .split(",", 64)
      .map((part) => part.trim())
      .filter((part) => part !== "")
      .map((part) => (isRecorded(part) ? part : decode(part).trim())),
  );
  return release !== undefined && others.length === 0 && isRelease(release) ? release : null;
}

function toUtf8(text: string): string {
  return /[^\0-\x7f]/.test(text) ? Buffer.from(text, "latin1").toString("utf8") : text;
}

function decode(text: string): string {
  // Django encodes header values beyond Latin-1 like this: RFC 2047 section 4.1.
  const word = /^=\?utf-8\?b\?([A-Za-z0-9+/]+=*)\?=$/i.exec(text)?.[1];
  if (word !== undefined) return Buffer.from(word, "base64").toString("utf8");
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
