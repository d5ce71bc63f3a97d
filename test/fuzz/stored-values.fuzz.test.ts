import fc, { type Arbitrary } from "fast-check";
import { describe, expect, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import { currentRelease, decodeState, emptyState, encodeState } from "../../src/core/state/state.ts";
import { recordRelease } from "../../src/core/state/releases.ts";
import { createIntermission } from "../../src/engine/create.ts";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import {
  anyValue,
  expectLinear,
  expectSafeMessage,
  fuzz,
  fuzzAsync,
  refusalOf,
  runs,
  text,
} from "./cases.ts";

const instant = fc.oneof(fc.integer(), fc.double(), anyValue);
const release = fc.oneof(
  fc.record({ id: fc.oneof(fc.constantFrom("v1", "v2"), text), at: fc.integer() }),
  fc.record({ id: anyValue, at: instant }, { requiredKeys: [] }),
  anyValue,
);

/** What could be in a record: states, near-states, and anything at all. */
const stored: Arbitrary<string> = fc.oneof(
  fc
    .record(
      {
        releases: fc.oneof(fc.array(release, { maxLength: 4 }), anyValue),
        mode: fc.oneof(fc.constantFrom("auto", "errors", "closed"), anyValue),
        deploy: fc.oneof(
          fc.record({ release: text, openedAt: instant, leaseUntil: instant }, { requiredKeys: [] }),
          anyValue,
        ),
        future: anyValue,
      },
      { requiredKeys: ["releases"] },
    )
    .map(toJson),
  fc
    .array(fc.record({ id: fc.constantFrom("v1", "v2", "v3"), at: fc.nat() }), { maxLength: 5 })
    .map((releases) => JSON.stringify({ releases, mode: "auto" })),
  anyValue.map(toJson),
  text,
  // A truncated record, as from a column that is too small.
  fc
    .nat({ max: 60 })
    .map((length) =>
      encodeState(recordRelease(emptyState, "v1.0-cut-short", 1_700_000_000_000).state).slice(0, length),
    ),
);

function toJson(value: unknown): string {
  try {
    return JSON.stringify([value]).slice(1, -1);
  } catch {
    return "[";
  }
}

describe("a stored value", () => {
  test("is understood, or refused with a safe message", () => {
    let understood = 0;
    fuzz(stored, (value) => {
      refusalOf(() => {
        const state = decodeState(value);
        understood++;
        // What was understood can be written, read again and built on.
        expect(currentRelease(decodeState(encodeState(state)))).toEqual(currentRelease(state));
        recordRelease(state, "next", 1);
      });
    });
    expect(understood).toBeGreaterThan(0);
  });

  test.each(["[", "{", '"', "a", '{"releases":', '[{"id":"a","at":1},'])(
    "of 1 MiB of %j costs no more than its length",
    (unit) => {
      expectLinear((length) => refusalOf(() => decodeState(unit.repeat(length / unit.length))), 1024 * 1024);
    },
  );
});

describe("what a store answers", () => {
  const version = fc.oneof(fc.nat({ max: 3 }), fc.integer(), fc.double());
  const record = fc.record(
    { version, value: stored, unchanged: fc.constant(true), now: fc.oneof(fc.integer(), fc.double()) },
    { requiredKeys: ["version"] },
  );
  /** A record, or a rejection with anything. */
  const answer = fc.oneof(
    { arbitrary: record.map((given) => ({ record: given })), weight: 4 },
    {
      arbitrary: fc
        .oneof(
          anyValue,
          text.map((message) => new Error(message)),
        )
        .map((failure) => ({ failure })),
      weight: 1,
    },
  );

  test("makes no verdict fail, throws nowhere and warns in safe lines", async () => {
    const unhandled: unknown[] = [];
    const remember = (error: unknown): void => void unhandled.push(error);
    process.on("unhandledRejection", remember);
    const verdicts = new Set<string>();
    await fuzzAsync(
      fc.array(answer, { minLength: 1, maxLength: 4 }),
      async (answers) => {
        let turn = 0;
        const store: Store = {
          read() {
            const given = answers[turn++ % answers.length] as (typeof answers)[number];
            return "record" in given
              ? Promise.resolve(given.record)
              : // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- stores of others may
                Promise.reject(given.failure);
          },
          write: () => Promise.resolve(true),
          close: () => Promise.resolve(),
        };
        const clock = createFakeClock();
        const said: string[] = [];
        const say = (message: string): void => void said.push(message);
        const intermission = createIntermission(
          { store, release: "v1", logger: { warn: say, error: say } },
          { environment: {}, clock },
        );
        for (let asked = answers.length; asked > 0; asked--) {
          verdicts.add((await intermission.decide()).reason);
          await clock.advance(1500);
        }
        said.forEach(expectSafeMessage);
        await intermission.close();
        if (unhandled.length > 0) throw new Error("an unhandled rejection", { cause: unhandled[0] });
      },
      // Each case is several reads, refreshes and verdicts.
      Math.ceil(runs / 10),
    );
    process.off("unhandledRejection", remember);
    expect(verdicts.size).toBeGreaterThan(3);
  }, 120_000);
});
