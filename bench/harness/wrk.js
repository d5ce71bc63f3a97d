import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

export const connections = 50;

/** What Chromium sends when a person opens a page. */
export const browserHeaders = {
  Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
  "Accept-Language": "en-US,en;q=0.9",
  "Accept-Encoding": "gzip, deflate, br, zstd",
  "Sec-Fetch-Dest": "document",
};

const units = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

/**
 * Answered `requests`, the `duration` in seconds, and the 99th percentile in milliseconds. Throws if an
 * answer was lost or of the wrong kind.
 */
export async function runWrk(url, seconds, { headers = {}, failing = false } = {}) {
  const given = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const { stdout } = await run(
    "wrk",
    ["-t1", `-c${connections}`, `-d${seconds}s`, "--latency", ...given, url],
    {
      timeout: (seconds + 15) * 1000,
    },
  );
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
  const failed = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0);
  if (!(requests > 0) || /Socket errors/.test(stdout) || failed !== (failing ? requests : 0)) {
    throw new Error(`wrk did not get what was expected of ${url}:\n${stdout}`);
  }
  const [, slow, unit] = /^\s*99%\s+([\d.]+)(us|ms|s|m)$/m.exec(stdout) ?? [];
  return { requests, duration: requests / rate, p99: Number(slow) * units[unit] };
}
