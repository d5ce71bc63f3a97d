import { isIP } from "node:net";
import { UsageError } from "./usage-error.ts";

/**
 * An address to listen on: `HOST:PORT`, `[::1]:PORT`, or a port on this machine only.
 *
 * @param option Its name, for messages.
 * @throws UsageError
 */
export function parseListenAddress(
  text: string,
  option: string,
): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits] = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text.trim()) ?? [];
  const port = digits === undefined ? Number.NaN : Number(digits);
  const isHost = bracketed === undefined || isIP(bracketed) === 6;
  if (!(port <= 65_535) || !isHost) {
    throw new UsageError(
      `The option ${option} needs an address such as 127.0.0.1:9200, [::1]:9200, or a port alone. Port 0 is any free one.`,
    );
  }
  return { host: bracketed ?? plain ?? "127.0.0.1", port };
}

/** Only this machine can reach it. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
