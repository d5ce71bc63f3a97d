/*
 * What a proxy must not pass on: RFC 9110 section 7.6.1. Such a header belongs to one connection, and ours
 * are two.
 */

export const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

/** Without these nobody knows a message's recipient or its end, whatever `Connection` says. */
const indispensable: ReadonlySet<string> = new Set(["content-length", "host"]);

/** Other headers named by `Connection`, in lower case. Undefined: none, which is nearly always the case. */
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
