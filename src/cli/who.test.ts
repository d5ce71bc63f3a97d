import { hostname } from "node:os";
import { expect, test } from "vitest";
import { whoAmI } from "./who.ts";

test("names user and machine, on one line", () => {
  expect(whoAmI()).toMatch(/^[^\s@]+@\S+$/u);
  expect(whoAmI().length).toBeLessThanOrEqual(64);
  expect(whoAmI()).toContain(hostname().slice(0, 20));
});
