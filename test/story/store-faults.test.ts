import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../servers/postgres.ts";
import { startSilentServer, type SilentServer } from "../servers/silent-server.ts";
import { openBooks } from "./books.js";
import { createStage, type Instance, type Seen, type Stage } from "./stage.ts";

/** The stated bound, and what a busy machine may add to it. Milliseconds. */
const bound = 300;

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

    /** Visits a broken view for a while, longer than any snapshot stays fresh. */
    async function storm(instance: Instance): Promise<readonly Seen[]> {
      const seen: Seen[] = [];
      const begun = performance.now();
      while (performance.now() - begun < 2500) seen.push(await instance.visit("/bug"));
      return seen;
    }

    const faults: Readonly<Record<string, () => Promise<unknown>>> = {
      "is stopped": () => server.halt(),
      "falls silent": async () => {
        // Its processes are frozen: what is connected stays so, and nothing is answered any more.
        const rows = await server.query(
          "select pid from pg_stat_activity where application_name = 'intermission'",
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
        expect(new Set(seen.map(({ kind }) => kind))).toEqual(new Set(["page"]));
        expect(Math.max(...seen.map(({ milliseconds }) => milliseconds))).toBeLessThan(bound);
        expect((await instance.visit("/working")).kind).toBe("success");
      });

      test(`and ${fault} during a match: the regular error, in time`, async () => {
        const instance = await stage.startInstance("v1.1");
        expect((await instance.visit("/bug")).kind).toBe("raw");
        await strike();
        const seen = await storm(instance);
        expect(new Set(seen.map(({ kind }) => kind))).toEqual(new Set(["raw"]));
        expect(Math.max(...seen.map(({ milliseconds }) => milliseconds))).toBeLessThan(bound);
        expect((await instance.visit("/working")).kind).toBe("success");
      });
    }

    test("and never could be reached: the regular error, in time, with one warning", async () => {
      for (const store of [
        "postgres://nobody@127.0.0.1:1/none",
        `postgres://nobody@127.0.0.1:${String(silent.port)}/none`,
      ]) {
        const instance = await stage.startInstance("v1.0", { MAINTENANCE_STORE: store });
        const seen = await storm(instance);
        expect(new Set(seen.map(({ kind }) => kind))).toEqual(new Set(["raw"]));
        expect(Math.max(...seen.map(({ milliseconds }) => milliseconds))).toBeLessThan(bound);
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
