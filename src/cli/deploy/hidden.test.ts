import { expect, test } from "vitest";
import type { Store } from "../../core/ports.ts";
import { createIntermission } from "../../engine/create.ts";
import { encodeReport, type MaskedKind } from "../../reports/report.ts";
import { memoryStore } from "../../stores/memory/index.ts";
import { readHidden } from "./hidden.ts";
import type { Session } from "../session/session.ts";

function sessionOn(store: Store): Session {
  const intermission = createIntermission({ store }, { environment: {}, watching: false });
  return { intermission, store, address: "memory:", storeSource: "--store", leftAlone: undefined };
}

const kind = (what: Partial<MaskedKind>): MaskedKind => ({
  release: "v1.1",
  status: 500,
  route: "/orders/:id",
  error: "Error",
  code: "42703",
  count: 1,
  firstAt: 2000,
  lastAt: 2000,
  ...what,
});

test("what was hidden since a deploy began is added up over the instances that have reported it", async () => {
  const store = memoryStore();
  const masked = [
    [kind({ count: 3 }), kind({ release: "v1.0", count: 50 }), kind({ lastAt: 900, route: "/", count: 70 })],
    [kind({ count: 4 }), kind({ status: 502, route: "/", error: null, code: null })],
  ];
  for (const [index, kinds] of masked.entries()) {
    const report = {
      name: "web",
      host: null,
      pid: null,
      release: "v1.0",
      version: "0",
      startedAt: 1,
      stopped: false,
      masked: kinds,
    };
    await store.reports?.put("default", String(index), encodeReport(report), 60_000);
  }
  const opened = { release: "v1.1", openedAt: 1000 };
  expect(await readHidden(sessionOn(store), opened, 5000)).toEqual([
    { what: "500 /orders/:id (Error 42703)", count: 7 },
    { what: "502 /", count: 1 },
  ]);
});

test("a store that keeps no reports, or fails, says nothing and harms nothing", async () => {
  const { reports, ...without } = memoryStore();
  const opened = { release: "v1.1", openedAt: 1000 };
  expect(await readHidden(sessionOn(without), opened, 5000)).toBeUndefined();
  const failing = { ...without, reports: { ...reports, list: () => Promise.reject(new Error("away")) } };
  expect(await readHidden(sessionOn(failing as Store), opened, 5000)).toBeUndefined();
});
