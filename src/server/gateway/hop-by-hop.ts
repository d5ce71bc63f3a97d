/*
 * What a proxy must not pass on: RFC 9110 section 7.6.1. Such a header speaks of one connection, and ours are two.
 */

export const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

/** Without these nobody knows to whom a message goes, or where it ends, whatever `Connection` says of them. */
const indispensable: ReadonlySet<string> = new Set(["content-length", "host"]);

/** The headers that `Connection` names beside, in lower case. Undefined: none, as nearly always. */
export function namedByConnection(value: string | undefined): ReadonlySet<string> | undefined {
  if (value === undefined) return undefined;
  const lower = value.toLowerCase();
  if (lower === "keep-alive" || lower === "close" || lower === "upgrade") return undefined;
  return new Set(
    lower
      .split(",")
      .map((name) => name.trim())
      .filter((name) => !indispensable.has(name)),
  );
}
