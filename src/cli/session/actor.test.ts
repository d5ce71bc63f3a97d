import { hostname } from "node:os";
import { expect, test } from "vitest";
import { actor } from "./actor.ts";

test("is a user and a host", () => {
  expect(actor()).toMatch(/^[^@]+@.+$/);
  expect(actor()).toContain(hostname().slice(0, 30));
});

test("is printable and short, whatever the machine calls itself", () => {
  expect(actor(() => "ann\u001B[2J@host\n")).toBe("ann\\u{1b}[2J@host\\u{a}");
  expect(Array.from(actor(() => "🚀".repeat(500)))).toHaveLength(64);
});
