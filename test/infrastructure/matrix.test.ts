import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { format, resolveConfig } from "prettier";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Intermission } from "../../src/core/intermission.ts";
import { createIntermission } from "../../src/engine/create.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { silentLogger } from "../support/deploy-window.ts";
import type { Cell, Group, Opened } from "./cell.ts";
import { etcd, mariadb, nats, redis } from "./others.ts";
import { postgres } from "./postgres.ts";

const groups = [postgres, mariadb, redis, nats, etcd];
const document = resolve(import.meta.dirname, "../../docs/infrastructure.md");

/**
 * From the end of `create-release` until an error of an old instance becomes the page: without push, what was read
 * counts for a second, and then an error waits for a read. Milliseconds.
 */
const knownWithin = 1250;
/** Until a release can be recorded: after the loss of a primary, or before a cluster has elected one. */
const recordedWithin = 20_000;

interface Result {
  readonly group: string;
  readonly place: string;
  readonly given: string;
  /** Milliseconds. */
  readonly knownAfter: number;
  /** The app's own. undefined: none were made. */
  readonly queries: number | undefined;
}

const results: Result[] = [];
let apps = 0;

describe.each(groups)("$title", ({ title, server, start, stop, cells }: Group) => {
  describeWithServer("as teams run it", server, () => {
    beforeAll(start, 120_000);
    afterAll(stop);

    const list = cells.map((cell) => ({ ...cell }));
    // It compares milliseconds: one delay of a busy machine must not fail a run.
    test.each(list)(
      "$place, by $given: right in time, and the app is untouched",
      { retry: 1 },
      async (cell) => {
        results.push({ group: title, place: cell.place, given: cell.given, ...(await play(cell)) });
      },
    );
  });
});

afterAll(async () => {
  const all = groups.reduce((sum, { cells }) => sum + cells.length, 0);
  // A part of the cells, or a busy machine's figures, must not replace those of a whole run.
  if (process.env["INFRASTRUCTURE"] !== "write" || results.length < all) return;
  const text = toDocument(results);
  await writeFile(document, await format(text, { ...(await resolveConfig(document)), parser: "markdown" }));
});

async function play({ open }: Cell): Promise<Pick<Result, "knownAfter" | "queries">> {
  const opened = await open();
  const settings = { app: `app-${String(apps++)}`, logger: silentLogger };
  const deploy = createIntermission(
    { ...settings, store: opened.deploy, release: "v1.1" },
    { environment: {}, watching: false },
  );
  const instance = createIntermission(
    { ...settings, store: opened.store, release: "v1.0" },
    { environment: {} },
  );
  try {
    await record(deploy, "v1.0");
    await instance.ready();
    await expect.poll(async () => (await instance.decide()).reason).toBe("release-match");
    const traffic = startTraffic(opened);
    await opened.meanwhile?.();
    await record(deploy, "v1.1");
    const recordedAt = performance.now();
    while (
      (await instance.decide()).verdict !== "maintenance" &&
      performance.now() - recordedAt < 5 * knownWithin
    )
      await pause(5);
    const knownAfter = performance.now() - recordedAt;
    const { queries, failures } = await traffic.end();
    expect(failures).toEqual([]);
    expect(knownAfter).toBeLessThan(knownWithin);
    return { knownAfter, queries };
  } finally {
    await Promise.all([deploy.close(), instance.close()]);
    await opened.close?.();
  }
}

async function record(deploy: Intermission, release: string): Promise<void> {
  const recorded = (): Promise<boolean> =>
    deploy.createRelease(release, { wait: false }).then(
      () => true,
      () => false,
    );
  await expect.poll(recorded, { timeout: recordedWithin }).toBe(true);
}

/** Two visitors of the app, one query after the other. */
function startTraffic({ ask }: Opened): {
  end(): Promise<{ readonly queries: number | undefined; readonly failures: readonly string[] }>;
} {
  if (ask === undefined) return { end: () => Promise.resolve({ queries: undefined, failures: [] }) };
  const failures: string[] = [];
  let queries = 0;
  let isOver = false;
  const visit = async (): Promise<void> => {
    do {
      queries++;
      await ask().catch((error: unknown) => failures.push(String(error)));
    } while (!isOver || queries < 20);
  };
  const visitors = Promise.all([visit(), visit()]);
  return {
    async end() {
      isOver = true;
      await visitors;
      return { queries, failures };
    },
  };
}

function toDocument(all: readonly Result[]): string {
  const slowest = Math.max(...all.map(({ knownAfter }) => knownAfter));
  const sections = groups.map(({ title }) => {
    const rows = all
      .filter(({ group }) => group === title)
      .map(
        ({ place, given, knownAfter, queries }) =>
          `| ${place} | ${given} | ${String(Math.round(knownAfter))} ms | ${queries === undefined ? "" : String(queries)} |`,
      );
    return `## ${title}\n\n| The store | Given by | Known after | The app's queries, all untouched |\n| --- | --- | --- | --- |\n${rows.join("\n")}`;
  });
  return `# Where the store runs

An instance and a deploy use a store as teams run it: behind poolers, with TLS, as a replica, in a cluster. \`INFRASTRUCTURE=write npm test -- test/infrastructure\` writes this page; CI runs the same cells.

Last run: ${new Date().toISOString().slice(0, 10)}. ${String(all.length)} cells. Each is right: an error of an old instance became the page at most ${String(Math.round(slowest))} ms after the release was recorded. The bound is 1.25 s: without push, what was read counts for a second, and then an error waits for a read. Where the app has queries of its own in the same pool or behind the same pooler, none was cancelled, slowed by our settings or saw them.

${sections.join("\n\n")}
`;
}
