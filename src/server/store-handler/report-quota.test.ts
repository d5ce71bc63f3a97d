import { describe, expect, test, vi } from "vitest";
import type { Store } from "../../core/ports.ts";
import { memoryStore } from "../../stores/memory/index.ts";
import { createFakeClock } from "../../testing/fake-clock.ts";
import { createAnswer, type Answer } from "./answer.ts";
import { createReportQuota } from "./report-quota.ts";

const token = "may-report-0123456789";
const minute = 60_000;
const day = 24 * 60 * minute;

function createServer(store: Store = memoryStore()) {
  const clock = createFakeClock();
  const warn = vi.fn();
  const answer = createAnswer({ store, token, logger: { warn, error: warn } }, clock);
  const ask = (method: string, url: string, body?: object): Promise<Answer> =>
    answer({
      ...{ method, url, authorization: `Bearer ${token}` },
      async *body() {
        yield new TextEncoder().encode(JSON.stringify(body));
      },
    });
  return {
    ...{ clock, warn },
    list: () => ask("GET", "/reports?app=shop"),
    put: (id: string, { value = "report", keepFor = minute } = {}) =>
      ask("PUT", `/reports?app=shop&id=${id}`, { value, keepFor }),
  };
}

describe("reports from the network are bounded", () => {
  test("in rate: 2,000 at once, then 500 a second", async () => {
    const { put, clock, warn } = createServer();
    const statuses = new Map<number, number>();
    const flood = async (count: number): Promise<void> => {
      statuses.clear();
      for (let turn = 0; turn < count; turn++) {
        const { status } = await put("one");
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    await flood(2500);
    expect(Object.fromEntries(statuses)).toEqual({ 200: 2000, 429: 500 });
    expect((await put("one")).headers["retry-after"]).toBe("1");
    expect(warn.mock.calls).toEqual([[expect.stringContaining("Reports were refused")]]);
    await clock.advance(1000);
    await flood(600);
    expect(Object.fromEntries(statuses)).toEqual({ 200: 500, 429: 100 });
  });

  test("in number: an app has 10,000 at a time, and those that it has go on", async () => {
    const clock = createFakeClock();
    const quota = createReportQuota(clock);
    const admit = (id: string, app = "shop"): number => quota.admit(app, id, "report", minute);
    for (let id = 0; id < 10_000; id++) expect(admit(String(id))).toBe(minute);
    expect(() => admit("another")).toThrow(expect.objectContaining({ status: 429 }));
    expect(admit("9999")).toBe(minute);
    expect(admit("another", "other")).toBe(minute);
    await clock.advance(3 * minute);
    expect(admit("another")).toBe(minute);
  });

  test("in size: 2,500 of 16 KiB are not all kept, and the list of the rest can be read", async () => {
    const { put, list } = createServer();
    const statuses: number[] = [];
    // Each character needs an escape, so that the answer is twice as large.
    for (let id = 0; id < 2500; id++) {
      statuses.push((await put(String(id), { value: '"'.repeat(16_384), keepFor: 30 * day })).status);
    }
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(400);
    expect(statuses.at(-1)).toBe(429);
    const { status, body } = await list();
    expect(status).toBe(200);
    expect(body.length).toBeLessThan(33_554_432);
  });

  test("in time: what a full history has no room for is kept for two minutes, and then for as long as asked", async () => {
    const clock = createFakeClock();
    const quota = createReportQuota(clock);
    const value = "x".repeat(16_000);
    const admit = (id: number, keepFor = 30 * day): number => quota.admit("shop", String(id), value, keepFor);
    let id = 0;
    for (; id < 1500; id++) {
      // Fewer live at a time than are in the history.
      if (id % 500 === 0) await clock.advance(3 * minute);
      if (admit(id) !== 30 * day) break;
    }
    expect(id).toBeGreaterThan(900);
    expect(id).toBeLessThan(1500);
    expect(admit(id)).toBe(2 * minute);
    expect(admit(0)).toBe(30 * day);
    expect(admit(0, minute)).toBe(minute);
    expect(admit(id)).toBe(30 * day);
    expect(admit(0)).toBe(2 * minute);
    await clock.advance(31 * day);
    expect(admit(0)).toBe(30 * day);
  });

  test("in the list: a client is sent the newest that it can read", async () => {
    const value = "x".repeat(16_384);
    const reports = Array.from({ length: 2500 }, (_, id) => ({ id: String(id), value, at: 2500 - id }));
    const { list } = createServer({
      ...memoryStore(),
      reports: { list: () => Promise.resolve({ now: 0, reports }), put: () => Promise.resolve() },
    });
    const { body } = await list();
    expect(body.length).toBeLessThan(33_554_432);
    const listed = (JSON.parse(body) as { reports: { id: string }[] }).reports;
    expect(listed.length).toBeGreaterThan(2000);
    expect(listed[0]?.id).toBe("0");
  });
});
