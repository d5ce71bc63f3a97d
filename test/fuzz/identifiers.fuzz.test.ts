import { describe, expect, test } from "vitest";
import { parseRelease, isRelease } from "../../src/core/release.ts";
import { reasonOf, show } from "../../src/core/errors.ts";
import { currentRelease, decodeState, emptyState, encodeState } from "../../src/core/state/state.ts";
import { recordRelease, rollBack } from "../../src/core/state/releases.ts";
import { anyValue, expectLinear, fuzz, refusalOf, text } from "./cases.ts";

const mebi = 1024 * 1024;

describe("release identifiers", () => {
  test("are refused with a safe message, or are what the rules say", () => {
    let accepted = 0;
    fuzz(text, (given) => {
      let id: string | undefined;
      const refusal = refusalOf(() => (id = parseRelease(given, "MAINTENANCE_PAGE_RELEASE")));
      if (id === undefined) {
        expect(refusal).toContain("MAINTENANCE_PAGE_RELEASE");
        return;
      }
      accepted++;
      const length = Array.from(id).length;
      if (length < 1 || length > 127 || id !== given.trim() || /[\p{Cc}\p{Cs}]/u.test(id))
        throw new Error(`accepted: ${JSON.stringify(id)}`);
    });
    expect(accepted).toBeGreaterThan(0);
  });

  test("go through the state and back as they are, byte for byte", () => {
    fuzz(text, (given) => {
      if (!isRelease(given)) return;
      const { state } = recordRelease(recordRelease(emptyState, "v1", 1).state, given, 2);
      const read = decodeState(encodeState(state));
      expect(currentRelease(read)?.id).toBe(given);
      refusalOf(() => rollBack(read, undefined, 3));
    });
  });

  test.each([" ", "a", "\0", "🚧", "\ud800", "<script>"])(
    "of 1 MiB of %j cost no more than their length",
    (unit) => {
      expectLinear((length) => {
        const given = unit.repeat(length / unit.length);
        return refusalOf(() => parseRelease(given));
      }, mebi);
    },
  );
});

describe("values in messages", () => {
  test("are short and printable, whatever they are", () => {
    fuzz(anyValue, (value) => {
      const shown = show(value);
      if (shown.length > 80 || /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(shown))
        throw new Error(`shown: ${JSON.stringify(shown)}`);
    });
  });

  test("what was thrown is told in one short line, whatever it is", () => {
    fuzz(anyValue, (value) => {
      for (const thrown of [value, new Error(show(value))]) {
        expect(reasonOf(thrown).length).toBeLessThanOrEqual(200);
        expect(reasonOf(thrown)).not.toContain("\n");
      }
    });
  });

  test.each([" ", "a", "\0", '"', "\n"])("of 1 MiB of %j cost no more than their length", (unit) => {
    expectLinear((length) => show(unit.repeat(length)), mebi);
    expectLinear((length) => reasonOf(unit.repeat(length)), mebi);
  });
});
