import { expect, test } from "vitest";
import { onBeforeExit } from "./before-exit.ts";

test("any number of callbacks share one listener of the process, and each is called once", () => {
  const before = process.listenerCount("beforeExit");
  const called: number[] = [];
  const takeBack = Array.from({ length: 20 }, (_, index) => onBeforeExit(() => called.push(index)));
  expect(process.listenerCount("beforeExit")).toBe(before + 1);
  takeBack[0]?.();

  process.emit("beforeExit", 0);
  process.emit("beforeExit", 0);
  expect(called).toEqual(Array.from({ length: 19 }, (_, index) => index + 1));
  expect(process.listenerCount("beforeExit")).toBe(before);
});

test("what is taken back leaves nothing behind", () => {
  const before = process.listenerCount("beforeExit");
  onBeforeExit(() => undefined)();
  expect(process.listenerCount("beforeExit")).toBe(before);
});
