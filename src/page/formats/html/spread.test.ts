import { createContext, Script } from "node:vm";
import { expect, test } from "vitest";
import { toText } from "../../template.ts";
import { script } from "./script.ts";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

const seconds = 1000;
const minutes = 60 * seconds;

/** When so many pages ask, in milliseconds, if all were opened at 0 and the site stays down. */
async function asksOf(pages: number, retryAfter: number, duration: number): Promise<readonly number[]> {
  const asks: number[] = [];
  const code = new Script(toText(script));
  let now = 0;
  const timers = new Set<Timer>();
  const setTimeout = (callback: () => void, pause: number): Timer => {
    const timer = { at: now + pause, callback };
    timers.add(timer);
    return timer;
  };
  const clearTimeout = (timer: Timer): void => void timers.delete(timer);
  const answer = { status: 503, headers: { get: () => null } };
  for (let page = 0; page < pages; page++) {
    code.runInContext(
      createContext({
        document: {
          hidden: false,
          body: { dataset: { method: "GET", status: "503", retryAfter: String(retryAfter) } },
          querySelector: () => ({}),
          addEventListener: () => undefined,
        },
        addEventListener: () => undefined,
        navigator: { onLine: true },
        location: { href: "/" },
        AbortController,
        Date: { now: () => now },
        fetch: async () => {
          asks.push(now);
          return answer;
        },
        setTimeout,
        clearTimeout,
      }),
    );
  }
  while (now < duration) {
    const next = [...timers].reduce((first, timer) => (timer.at < first.at ? timer : first));
    now = next.at;
    timers.delete(next);
    next.callback();
    // The answer, its consequences, and the end of its time limit.
    for (let turn = 0; turn < 4; turn++) await Promise.resolve();
  }
  return asks;
}

test("a thousand pages opened in the same moment spread: never half as many again as usual ask at once", async () => {
  const [pages, retryAfter, duration, slot] = [1000, 60, 10 * minutes, 10 * seconds];
  const asks = await asksOf(pages, retryAfter, duration);
  const usual = pages / (retryAfter / (slot / seconds));
  const slots = Array.from(
    { length: duration / slot },
    (_, index) => asks.filter((at) => Math.floor(at / slot) === index).length,
  );
  expect(Math.max(...slots)).toBeLessThan(1.5 * usual);
  // Spreading must not make pages ask much less often.
  expect(asks.length).toBeGreaterThan(0.85 * usual * slots.length);
}, 60_000);
