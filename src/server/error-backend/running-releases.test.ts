import { expect, test } from "vitest";
import type { ReportStore } from "../../core/ports.ts";
import { encodeReport, type InstanceReport } from "../../reports/report.ts";
import { createFakeClock } from "../../testing/fake-clock.ts";
import { createRunningReleases } from "./running-releases.ts";

const report = (release: string | null, parts: Partial<InstanceReport> = {}): string =>
  encodeReport({
    ...{ name: "web", host: null, pid: null, release, version: "0.1.0", startedAt: 0 },
    ...{ stopped: false, masked: [] },
    ...parts,
  });

const isRecorded = (release: string): boolean => release === "v1.0" || release === "v1.1";

function listing(): { reports: ReportStore; values: string[] | Error } {
  const list = {
    values: [] as string[] | Error,
    reports: {
      put: () => Promise.resolve(),
      list() {
        if (list.values instanceof Error) return Promise.reject(list.values);
        const reports = list.values.map((value, index) => ({ id: String(index), value, at: 0 }));
        return Promise.resolve({ now: 0, reports });
      },
    },
  };
  return list;
}

test("a release counts as running until a minute after its last instance", async () => {
  const clock = createFakeClock();
  const list = listing();
  list.values = [report("v1.0"), report("v1.1"), report(null), report(null, { role: "proxy" })];
  const running = createRunningReleases({ reports: list.reports, app: "default", isRecorded, clock });
  await running.start();
  expect([...(running.seen ?? [])]).toEqual(["v1.0", "v1.1"]);

  list.values = [report("v1.1"), report("v1.0", { stopped: true })];
  await clock.advance(60_000);
  expect(running.seen?.has("v1.0")).toBe(true);
  await clock.advance(5000);
  expect([...(running.seen ?? [])]).toEqual(["v1.1"]);
  running.close();
  expect(clock.pending).toBe(0);
});

test("a release that no deploy recorded does not count, until one does", async () => {
  const list = listing();
  list.values = [report("v9.9"), report("x".repeat(10_000)), report("v9\u0000"), report("")];
  const recorded = new Set(["v1.0"]);
  const running = createRunningReleases({
    ...{ reports: list.reports, app: "default", clock: createFakeClock() },
    isRecorded: (release) => recorded.has(release),
  });
  await running.start();
  expect(running.seen).toBeUndefined();
  recorded.add("v9.9");
  expect([...(running.seen ?? [])]).toEqual(["v9.9"]);
  running.close();
});

test("nothing is known without reports, without instances, and when the store was away for a minute", async () => {
  const clock = createFakeClock();
  const none = createRunningReleases({ reports: undefined, app: "default", isRecorded, clock });
  await none.start();
  expect(none.seen).toBeUndefined();

  const list = listing();
  const running = createRunningReleases({ reports: list.reports, app: "default", isRecorded, clock });
  await running.start();
  expect(running.seen).toBeUndefined();

  list.values = [report("v1.0")];
  await clock.advance(5000);
  expect(running.seen?.has("v1.0")).toBe(true);
  list.values = new Error("away");
  await clock.advance(55_000);
  expect(running.seen?.has("v1.0")).toBe(true);
  await clock.advance(5000);
  expect(running.seen).toBeUndefined();
  running.close();
});

test("a store that never answers is waited for a second at the start", async () => {
  const clock = createFakeClock();
  const reports: ReportStore = { put: () => Promise.resolve(), list: () => new Promise(() => {}) };
  const running = createRunningReleases({ reports, app: "default", isRecorded, clock });
  let started = false;
  const starting = running.start().then(() => (started = true));
  await clock.advance(999);
  expect(started).toBe(false);
  await clock.advance(1);
  await starting;
  expect(running.seen).toBeUndefined();
  running.close();
});
