import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../servers/postgres.ts";
import { startSilentServer, type SilentServer } from "../servers/silent-server.ts";
import { openBooks } from "./books.js";
import { createStage, type Instance, type Seen, type Stage } from "./stage.ts";

/** An error waits at most 250 ms for the store; the rest is the app's own work. Milliseconds. */
const bound = 300;

/** Each error was answered in time, apart from what this machine's load added to successes. */
function expectInTime(seen: readonly Seen[]): void {
  const slowest = (path: string): number =>
    Math.max(...seen.filter((one) => one.path === path).map(({ milliseconds }) => milliseconds));
  expect(slowest("/bug")).toBeLessThan(bound + slowest("/working"));
}

describeWithServer(
  "a PostgreSQL store that fails",
  { available: isPostgresAvailable(), packageName: "postgresql" },
  () => {
    let server: PostgresServer;
    let silent: SilentServer;
    let stage: Stage;
    const shared: Record<string, string> = {};

    beforeEach(async () => {
      [server, silent] = await Promise.all([startPostgres(), startSilentServer()]);
      stage = createStage(shared);
      shared["MAINTENANCE_STORE"] = server.url;
      shared["LIBRARY_DATABASE"] = join(stage.folder, "library.db");
      const books = openBooks(shared["LIBRARY_DATABASE"]);
      await books.create();
      await books.close();
      expect(await stage.run("v1.1", "create-release", "--no-wait")).toMatchObject({ code: 0 });
    });

    afterEach(async () => {
      await stage.clear();
      await Promise.all([server.stop(), silent.stop()]);
    });

    /** Visits a broken view and a working one for longer than any snapshot stays fresh. */
    async function storm(instance: Instance): Promise<readonly Seen[]> {
      const seen: Seen[] = [];
      const begun = performance.now();
      const visitor = async (path: string): Promise<void> => {
        while (performance.now() - begun < 2500) seen.push(await instance.visit(path));
      };
      await Promise.all([visitor("/bug"), visitor("/working")]);
      return seen;
    }

    const kinds = (seen: readonly Seen[], path: string): ReadonlySet<string> =>
      new Set(seen.filter((one) => one.path === path).map(({ kind }) => kind));

    const faults: Readonly<Record<string, () => Promise<unknown>>> = {
      "is stopped": () => server.halt(),
      "falls silent": async () => {
        // Its processes are frozen: connections stay open, and nothing is answered.
        const rows = await server.query(
          "select pid from pg_stat_activity where query like '%intermission%' and pid <> pg_backend_pid()",
        );
        for (const { pid } of rows) process.kill(Number(pid), "SIGSTOP");
        server.kill("SIGSTOP");
      },
      "has its table locked": () => lockTable(),
      "has lost its table": () => server.query("drop table intermission"),
    };

    async function lockTable(): Promise<void> {
      void server
        .query("begin; lock table intermission in access exclusive mode; select pg_sleep(60)")
        .catch(() => undefined);
      await expect
        .poll(async () => {
          const rows = await server.query(
            "select 1 from pg_locks where mode = 'AccessExclusiveLock' and relation = 'intermission'::regclass and granted",
          );
          return rows.length;
        })
        .toBe(1);
    }

    for (const [fault, strike] of Object.entries(faults)) {
      test(`and ${fault} during a known mismatch: the page, in time`, async () => {
        const instance = await stage.startInstance("v1.0");
        expect((await instance.visit("/bug")).kind).toBe("page");
        await strike();
        const seen = await storm(instance);
        expect(kinds(seen, "/bug")).toEqual(new Set(["page"]));
        expect(kinds(seen, "/working")).toEqual(new Set(["success"]));
        expectInTime(seen);
      });

      test(`and ${fault} during a match: the regular error, in time`, async () => {
        const instance = await stage.startInstance("v1.1");
        expect((await instance.visit("/bug")).kind).toBe("raw");
        await strike();
        const seen = await storm(instance);
        expect(kinds(seen, "/bug")).toEqual(new Set(["raw"]));
        expect(kinds(seen, "/working")).toEqual(new Set(["success"]));
        expectInTime(seen);
      });
    }

    test("and never could be reached: the regular error, in time, with one warning", async () => {
      for (const store of [
        "postgres://nobody@127.0.0.1:1/none",
        `postgres://nobody@127.0.0.1:${String(silent.port)}/none`,
      ]) {
        const instance = await stage.startInstance("v1.0", { MAINTENANCE_STORE: store });
        const seen = await storm(instance);
        expect(kinds(seen, "/bug")).toEqual(new Set(["raw"]));
        expectInTime(seen);
        expect(instance.warnings).toEqual(["store-unreachable"]);
      }
    });

    test("and comes back: the truth is known again within two seconds", async () => {
      const instance = await stage.startInstance("v1.0");
      expect((await instance.visit("/bug")).kind).toBe("page");
      await server.halt();
      await storm(instance);
      await server.restart();
      expect(await stage.run("v1.0", "rollback", "v1.1")).toMatchObject({ code: 0 });
      expect(await stage.run("v2.0", "create-release", "--no-wait")).toMatchObject({ code: 0 });
      const another = await stage.startInstance("v2.0");
      expect((await another.visit("/bug")).kind).toBe("raw");
      expect((await instance.visit("/bug")).kind).toBe("page");
    });
  },
);
