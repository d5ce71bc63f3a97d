import { expect, test } from "vitest";
import { heardOf } from "./heard.ts";
import type { SeenInstance } from "./instances.ts";
import { silentAfter } from "./report.ts";

const now = 1_000_000;

function seen(name: string, lastSeenAt: number, stopped = false): SeenInstance {
  return {
    ...{ id: name, name, host: null, pid: null, release: "v1", version: "0.2.0" },
    ...{ startedAt: 0, masked: [], stopped, lastSeenAt },
  };
}

test("all that was masked is known until the oldest of the last reports", () => {
  const { until, reporting } = heardOf([seen("a", now - 3000), seen("b", now - 14_000)], { now, since: 0 });
  expect(until).toBe(now - 14_000);
  expect(reporting.map(({ name }) => name)).toEqual(["a", "b"]);
});

test("who ended in good order has said all, and who fell silent has not", () => {
  const gone = now - silentAfter;
  const { until, reporting, silent } = heardOf([seen("ended", gone, true), seen("killed", gone)], {
    now,
    since: 0,
  });
  expect({ until, reporting }).toEqual({ until: null, reporting: [] });
  expect(silent.map(({ name }) => name)).toEqual(["killed"]);
});

test("who fell silent before the release was current is no matter", () => {
  const { silent } = heardOf([seen("killed", now - silentAfter)], { now, since: now - silentAfter + 1 });
  expect(silent).toEqual([]);
});
