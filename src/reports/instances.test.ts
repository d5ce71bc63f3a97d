import { expect, test } from "vitest";
import { memoryStore } from "../stores/memory/index.ts";
import { readInstances } from "./instances.ts";

/** What anybody who may report can put. */
async function listed(...values: readonly unknown[]) {
  const { reports } = memoryStore();
  if (reports === undefined) throw new Error("No reports.");
  for (const [index, value] of values.entries()) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    await reports.put("default", String(index), text, 60_000);
  }
  return (await readInstances(reports, "default")).instances;
}

const good = { name: "web", version: "0.2.0", release: "v1.0", startedAt: 0, masked: [] };

test.each([
  ["no JSON", "{"],
  ["no object", "[]"],
  ["no version", { ...good, version: 1 }],
  ["a time that no calendar has", { ...good, startedAt: 1e300 }],
  ["one before all calendars", { ...good, startedAt: -8.7e15 }],
])("a report with %s is skipped, and the others are listed", async (_, value) => {
  expect((await listed(value, good)).map(({ name }) => name)).toEqual(["web"]);
});

test("what a report may hold is bounded", async () => {
  const long = "x".repeat(5000);
  const masked = [
    { count: 1, firstAt: 0, lastAt: 1e300 },
    { count: 1e300, firstAt: 0, lastAt: 0 },
    { count: 1, firstAt: 0, lastAt: 0, route: long },
  ];
  const [one] = await listed({ ...good, name: long, host: long, release: long, version: long, masked });
  const lengths = [one?.name, one?.host, one?.release, one?.version, one?.masked[0]?.route].map(
    (text) => text?.length,
  );
  expect(lengths).toEqual([255, 255, 255, 255, 255]);
  expect(one?.masked).toHaveLength(1);
});

test("the reports of one upstream are one instance, however many there are, and in little time", async () => {
  const masked = Array.from({ length: 300 }, () => ({ count: 1, firstAt: 0, lastAt: 0 }));
  const values = Array.from({ length: 3000 }, () => ({ ...good, role: "upstream", masked }));
  const began = process.cpuUsage();
  const instances = await listed(...values);
  const { user } = process.cpuUsage(began);
  expect(instances.map((one) => one.masked.length)).toEqual([900_000]);
  // Copying them with each report took two minutes.
  expect(user).toBeLessThan(10_000_000);
});
