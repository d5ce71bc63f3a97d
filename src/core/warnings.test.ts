import { expect, test } from "vitest";
import { createFakeClock } from "../testing/fake-clock.ts";
import type { Warning } from "./settings/options.ts";
import { callbackWarning, createWarner, readWarning } from "./warnings.ts";

const unreachable: Warning = { code: "store-unreachable", message: "The store is away." };
const unknown: Warning = { code: "no-instance-release", message: "No release." };

test("a warning is said to the logger and to the callback, once a minute for each code", async () => {
  const clock = createFakeClock();
  const lines: string[] = [];
  const told: Warning[] = [];
  const logger = { warn: (line: string) => lines.push(line), error: () => undefined };
  const warn = createWarner({ logger, onWarning: (warning) => told.push(warning) }, clock);
  for (let second = 0; second < 60; second++) {
    warn(unreachable);
    warn(unknown);
    await clock.advance(1000);
  }
  expect(lines).toEqual(["[intermission] The store is away.", "[intermission] No release."]);
  expect(told).toEqual([unreachable, unknown]);
  warn(unreachable);
  warn(unknown);
  expect(told, "what nothing will change is said once a process").toEqual([
    unreachable,
    unknown,
    unreachable,
  ]);
});

test("a logger and a callback that throw are survived, and the one does not silence the other", () => {
  const told: Warning[] = [];
  const logger = {
    warn: () => {
      throw new Error("disk full");
    },
    error: () => undefined,
  };
  const onWarning = (warning: Warning): void => {
    told.push(warning);
    throw new Error("mine");
  };
  createWarner({ logger, onWarning }, createFakeClock())(unknown);
  expect(told).toEqual([unknown]);
});

test("a failed read says what decides meanwhile", () => {
  const error = new Error("connection refused");
  expect(readWarning(error, false)).toMatchObject({
    code: "store-unreachable",
    message: "connection refused. Until it can be read, errors stay regular.",
  });
  expect(readWarning(error, true).message).toContain("read last decides");
});

test("a callback that failed is named", () => {
  expect(callbackWarning("skip", new Error("boom")).message).toContain("The option skip threw");
});
