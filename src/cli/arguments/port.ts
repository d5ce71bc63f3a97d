import { UsageError } from "./usage-error.ts";

/**
 * The value of `--port`.
 *
 * @throws UsageError
 */
export function parsePort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535))
    throw new UsageError("The option --port needs a number from 0 (any free port) to 65535.");
  return port;
}
