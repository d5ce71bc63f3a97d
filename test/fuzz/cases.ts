import fc, { type Arbitrary } from "fast-check";
import { expect } from "vitest";
import { errorCodes, isIntermissionError } from "../../src/core/errors.ts";

/** Cases for each target. */
export const runs = Number(process.env["FUZZ_RUNS"] ?? 100_000);

/** Cases for a target that needs a connection: a hundredth. */
export const fewRuns = Math.max(100, Math.ceil(runs / 100));

const seed = Number(process.env["FUZZ_SEED"] ?? Math.floor(Math.random() * 1e9));
console.log(`FUZZ_SEED=${String(seed)} FUZZ_RUNS=${String(runs)}`);

/** The average milliseconds a case may take. */
const bearable = 1;

/** Tries a target with so many values, at most a millisecond each on average. */
export function fuzz<Value>(values: Arbitrary<Value>, attempt: (value: Value) => void, numRuns = runs): void {
  let spent = 0;
  fc.assert(
    fc.property(values, (value) => {
      const begun = performance.now();
      attempt(value);
      spent += performance.now() - begun;
    }),
    { seed, numRuns },
  );
  expect(spent / numRuns).toBeLessThan(bearable);
}

/** The same for an asynchronous target. */
export async function fuzzAsync<Value>(
  values: Arbitrary<Value>,
  attempt: (value: Value) => Promise<void>,
  numRuns = runs,
): Promise<void> {
  await fc.assert(fc.asyncProperty(values, attempt), { seed, numRuns });
}

const traps: readonly string[] = [
  "",
  " ",
  "\0",
  "\r\n",
  "\r\nSet-Cookie: trap=1",
  "\u001b[31m",
  "\u0085\u2028\u2029",
  "\u202egnp.exe",
  "\ufeff\u200b",
  "\ud800",
  "\udfff\ud800",
  "<script>trap()</script>",
  `"><img src=x onerror=trap()>`,
  "'; drop table intermission; --",
  "$1 %s ${x} {{title}} {% if %}",
  "../../etc/passwd",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "valueOf",
  "NaN",
  "-0",
  "1e309",
  "999999999999999999999",
  "v".repeat(127),
  "v".repeat(128),
  "é".repeat(127),
  "🚧".repeat(127),
  "🚧".repeat(128),
  "e\u0301".repeat(64),
];

/** Hostile or merely odd texts. */
export const text: Arbitrary<string> = fc
  .oneof(
    { arbitrary: fc.string({ unit: "binary", maxLength: 40 }), weight: 3 },
    { arbitrary: fc.string({ unit: "grapheme", maxLength: 40 }), weight: 1 },
    {
      arbitrary: fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map(toUnit), maxLength: 40 }),
      weight: 1,
    },
    { arbitrary: fc.string({ maxLength: 300 }), weight: 1 },
    { arbitrary: fc.constantFrom(...traps), weight: 2 },
    {
      arbitrary: fc.tuple(
        fc.string({ maxLength: 5 }),
        fc.constantFrom(...traps),
        fc.string({ maxLength: 5 }),
      ),
      weight: 1,
    },
  )
  .map((made) => (typeof made === "string" ? made : made.join("")));

/** Lone surrogates too. */
function toUnit(code: number): string {
  return String.fromCharCode(code);
}

/** A text or any other JavaScript value. */
export const anyValue: Arbitrary<unknown> = fc.oneof(text, fc.anything({ maxDepth: 2 }));

/** The result, or the error that refuses it. Any other error is a failure. */
export function refusalOf(attempt: () => unknown): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (!isIntermissionError(error)) throw error;
    expectSafeMessage(error.message);
    expect(errorCodes).toHaveProperty(error.code);
    return error.message;
  }
}

/** One line of limited length, with nothing that a terminal or a log would interpret. */
export function expectSafeMessage(message: string): void {
  if (message.length > 1000 || /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(message))
    throw new Error(`unsafe message: ${JSON.stringify(message.slice(0, 1500))}`);
}

/**
 * Fails if longer inputs take disproportionate processor time. Compares ratios, because machines differ:
 * eight times the length may take eight times as long, three times that on a busy machine; with quadratic
 * time it would be 64 times.
 */
export function expectLinear(work: (length: number) => unknown, length: number): void {
  const time = (size: number): number => {
    const samples = Array.from({ length: 7 }, () => {
      const begun = process.cpuUsage();
      work(size);
      const { user, system } = process.cpuUsage(begun);
      return (user + system) / 1000;
    });
    return Math.min(...samples);
  };
  time(length);
  const short = time(length / 8);
  const long = time(length);
  // Below a tenth of a millisecond there is only noise.
  expect(long / Math.max(short, 0.1)).toBeLessThan(24);
}
