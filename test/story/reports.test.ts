import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../servers/postgres.ts";
import { openBooks } from "./books.js";
import { createStage, type Instance, type Stage } from "./stage.ts";

interface ReportDocument {
  readonly maskedErrors: number;
  readonly instances: number;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly kinds: readonly {
    readonly status: number;
    readonly route: string;
    readonly error: string;
    readonly code: string | null;
    readonly count: number;
  }[];
}

interface InstancesDocument {
  readonly instances: readonly {
    readonly name: string;
    readonly release: string;
    readonly isCurrent: boolean;
  }[];
}

/** Instances report at most once in so many milliseconds, including jitter. */
const reportedWithin = 20_000;

function tellStories(place: (stage: Stage) => Promise<string>): void {
  let stage: Stage;
  const shared: Record<string, string> = {};

  beforeEach(async () => {
    stage = createStage(shared);
    shared["LIBRARY_DATABASE"] = join(stage.folder, "library.db");
    const books = openBooks(shared["LIBRARY_DATABASE"]);
    await books.create();
    await books.close();
    shared["MAINTENANCE_STORE"] = await place(stage);
  });
  afterEach(() => stage.clear());

  async function succeed(...parameters: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await stage.run(undefined, ...parameters);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    return stdout;
  }
  const ask = async <Document>(...parameters: readonly string[]): Promise<Document> =>
    JSON.parse(await succeed(...parameters, "--json")) as Document;
  const startNamed = (release: string, number: number): Promise<Instance> =>
    stage.startInstance(release, {
      MAINTENANCE_INSTANCE: `web-${String(number).padStart(2, "0")}-${release}`,
    });

  test("twelve instances are replaced one by one, and the gate opens when the last old one is gone", async () => {
    const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
    await succeed("create-release", "v1.0");
    const old: Instance[] = [];
    // By fours: all at once would keep a small machine busy for longer than a start may take.
    for (const first of [0, 4, 8])
      old.push(
        ...(await Promise.all(numbers.slice(first, first + 4).map((number) => startNamed("v1.0", number)))),
      );
    await expect
      .poll(async () => (await ask<InstancesDocument>("instances")).instances.length, { timeout: 20_000 })
      .toBe(12);
    await succeed("wait", "--timeout", "20s");

    await succeed("create-release", "v1.1");
    const tooSoon = await stage.run(undefined, "wait", "--timeout", "1s");
    expect(tooSoon.code).toBe(1);
    expect(tooSoon.stderr).toContain("0 of 12 instances run v1.1. Behind: web-01-v1.0 (v1.0),");

    const gate = { open: false };
    const waiting = stage.run(undefined, "wait", "--timeout", "2m").finally(() => (gate.open = true));
    for (const [index, instance] of old.entries()) {
      await startNamed("v1.1", index + 1);
      expect(gate.open).toBe(false);
      expect(await instance.stop()).toBe(0);
    }
    const { code, stdout, stderr } = await waiting;
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^Every instance \(\d+\) runs v1\.1\.\n$/);
    // A log has a line for each change, not for each poll.
    const lines = stderr.trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.filter((line, index) => line === lines[index - 1])).toEqual([]);
    expect(lines.at(-1)).toContain("web-12-v1.0 (v1.0)");

    await expect
      .poll(async () => (await ask<InstancesDocument>("instances")).instances.length, { timeout: 20_000 })
      .toBe(12);
    const { instances } = await ask<InstancesDocument>("instances");
    expect(instances.map(({ name }) => name)).toEqual(
      numbers.map((number) => `web-${String(number).padStart(2, "0")}-v1.1`),
    );
    expect(instances.every(({ isCurrent }) => isCurrent)).toBe(true);
  });

  test("the report's sums are what visitors did not see, but for the last moments of one that was killed", async () => {
    await succeed("create-release", "v1.0");
    const machines = await Promise.all([1, 2, 3].map((number) => startNamed("v1.0", number)));
    // Raw errors from before the deploy: the report must contain none of them.
    for (const machine of machines) expect((await machine.visit("/bug")).kind).toBe("raw");
    await succeed("create-release", "v1.1");

    const hidden = { "/bug": 0, "/orders/:number": 0 };
    async function visitAll(machine: Instance, times: number): Promise<void> {
      for (let time = 0; time < times; time++) {
        const seen = await Promise.all([
          machine.visit("/bug"),
          machine.visit(`/orders/${String(time)}`),
          machine.visit("/working"),
        ]);
        expect(seen.map(({ kind }) => kind)).toEqual(["page", "page", "success"]);
        hidden["/bug"]++;
        hidden["/orders/:number"]++;
      }
    }
    await Promise.all(machines.map((machine, index) => visitAll(machine, 10 + index)));
    const reported = hidden["/bug"] + hidden["/orders/:number"];
    await expect
      .poll(async () => (await ask<ReportDocument>("report")).maskedErrors, { timeout: reportedWithin })
      .toBe(reported);

    const [killed, ...others] = machines as [Instance, Instance, Instance];
    await Promise.all(others.map((machine, index) => visitAll(machine, 5 + index)));
    const certain = hidden["/bug"] + hidden["/orders/:number"];
    await visitAll(killed, 7);
    process.kill(killed.pid, "SIGKILL");
    expect(await Promise.all(others.map((machine) => machine.stop()))).toEqual([0, 0]);

    const report = await ask<ReportDocument>("report", "v1.1");
    expect(report.maskedErrors).toBeGreaterThanOrEqual(certain);
    expect(report.maskedErrors).toBeLessThanOrEqual(hidden["/bug"] + hidden["/orders/:number"]);
    expect(report.instances).toBe(3);
    expect(report.kinds.reduce((sum, { count }) => sum + count, 0)).toBe(report.maskedErrors);
    expect(
      new Set(report.kinds.map(({ status, route, error, code }) => [status, route, error, code].join(" "))),
    ).toEqual(new Set(["500 /bug Error ", "500 /orders/:number RangeError 22003"]));
    expect(Date.parse(report.firstAt)).toBeLessThanOrEqual(Date.parse(report.lastAt));
    expect((await ask<ReportDocument>("report", "v1.0")).maskedErrors).toBe(0);
    expect(await succeed("report")).toMatch(
      /^\d+ errors were hidden while v1\.1 was the current release, by 3 instances\.\n/,
    );
  });
}

describe("on one machine, in SQLite files", { timeout: 120_000 }, () => {
  tellStories(async ({ folder }) => `sqlite:${join(folder, "state.db")}`);
});

const server = { available: isPostgresAvailable(), packageName: "postgresql" };
describeWithServer("on many machines, in PostgreSQL", server, () => {
  let postgres: PostgresServer;
  let stories = 0;
  beforeAll(async () => {
    postgres = await startPostgres({ settings: { max_connections: "200" } });
  });
  afterAll(() => postgres.stop());

  describe("", { timeout: 120_000 }, () => {
    tellStories(async () => {
      const schema = `story_${String(stories++)}`;
      await postgres.query(`create schema ${schema}`);
      const url = new URL(postgres.url);
      url.searchParams.set("options", `-csearch_path=${schema}`);
      return url.href;
    });
  });
});
