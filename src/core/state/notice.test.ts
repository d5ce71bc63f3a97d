import { expect, test } from "vitest";
import { noticeOf } from "./manual.ts";
import { emptyState, type Manual, type State } from "./state.ts";

const now = 1_790_000_000_000;
const closed = (manual: Manual): State => ({ ...emptyState, mode: "closed", manual });

test.each<readonly [string, Manual, ReturnType<typeof noticeOf>]>([
  ["nothing", {}, { message: undefined, backIn: undefined }],
  ["a message", { message: "Soon" }, { message: "Soon", backIn: undefined }],
  ["a return, in whole seconds", { backAt: now + 1001 }, { message: undefined, backIn: 2 }],
  ["an end", { until: now + 5000 }, { message: undefined, backIn: 5 }],
  ["a return before the end", { backAt: now + 1000, until: now + 5000 }, { message: undefined, backIn: 1 }],
  ["a return that is overdue", { backAt: now }, { message: undefined, backIn: undefined }],
])("manual mode with %s has that to say", (_, manual, notice) => {
  expect(noticeOf(closed(manual), "closed", now)).toEqual(notice);
  expect(noticeOf(closed(manual), "manual", now)).toEqual(notice);
});

test("the end of mode errors is no return: most of the site is there", () => {
  const state: State = { ...closed({ until: now + 5000 }), mode: "errors" };
  expect(noticeOf(state, "manual", now)).toEqual({ message: undefined, backIn: undefined });
});

test("nothing of it is said of a deploy, nor out of its time", () => {
  expect(noticeOf(closed({ message: "Soon" }), "deploy", now)).toEqual({});
  expect(noticeOf(closed({ message: "Soon", until: now }), "manual", now)).toEqual({});
  expect(noticeOf(closed({ message: "Soon", from: now + 1 }), "manual", now)).toEqual({});
  expect(noticeOf(emptyState, "manual", now)).toEqual({});
  expect(noticeOf(undefined, "manual", now)).toEqual({});
});
