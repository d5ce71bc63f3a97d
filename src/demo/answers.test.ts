import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Verdict } from "../core/decide.ts";
import { createAnswers, type Answer } from "./answers.ts";

const masked: Verdict = { verdict: "maintenance", reason: "release-mismatch" };
const shown: Verdict = { verdict: "regular", reason: "release-match" };

function answer(requestId: string, status: number): Answer {
  return {
    requestId,
    status,
    at: 0,
    machine: "web-1",
    release: "v1.0",
    method: "GET",
    path: "/",
    milliseconds: 1,
    visitor: false,
  };
}

describe("the answers", () => {
  test("are a page only where an instance says that it masked an error", () => {
    const answers = createAnswers();
    answers.record(answer("a", 503));
    expect(answers.list()[0]).toMatchObject({ kind: "error", reason: null });
    answers.judge("a", masked);
    expect(answers.list()[0]).toMatchObject({ kind: "page", reason: "release-mismatch" });
    expect(answers.totals()).toEqual({ success: 0, page: 1, error: 0 });
  });

  test("come out the same in whichever order the switch and the instance tell", () => {
    const requests = fc.uniqueArray(
      fc.record({ id: fc.uuid(), status: fc.constantFrom(200, 303, 500, 503), isMasked: fc.boolean() }),
      { selector: ({ id }) => id, maxLength: 20 },
    );
    fc.assert(
      fc.property(requests, fc.infiniteStream(fc.boolean()), (told, order) => {
        const answers = createAnswers();
        for (const { id, status, isMasked } of told) {
          const record = (): void => {
            answers.record(answer(id, status));
          };
          const judge = (): void => {
            if (status >= 500) answers.judge(id, isMasked ? masked : shown);
          };
          for (const tell of order.next().value === true ? [record, judge] : [judge, record]) tell();
        }
        const failed = told.filter(({ status }) => status >= 500);
        const expected = {
          success: told.length - failed.length,
          page: failed.filter(({ isMasked }) => isMasked).length,
          error: failed.filter(({ isMasked }) => !isMasked).length,
        };
        expect(answers.totals()).toEqual(expected);
        expect(answers.totalsOf("web-1")).toEqual(expected);
      }),
    );
  });

  test("keep the newest 50, and count all", () => {
    const answers = createAnswers();
    for (let number = 1; number <= 120; number++) answers.record(answer(String(number), 200));
    expect(answers.list()).toHaveLength(50);
    expect(answers.list()[0]?.requestId).toBe("120");
    expect(answers.totals().success).toBe(120);
    answers.clear();
    expect([answers.list(), answers.totals().success]).toEqual([[], 0]);
  });
});
