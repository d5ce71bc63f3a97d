import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/core/runtime.ts";
import { renewDeploy } from "../../src/core/state/deploys.ts";
import { openStore } from "../../src/stores/open.ts";
import { updateState } from "../../src/engine/state/update.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../servers/postgres.ts";
import { openBooks, type Books } from "./books.js";
import { createStage, type Instance, type Running, type Stage } from "./stage.ts";

const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const migration = [process.execPath, fileOf("migration.js")];

/** Both machines have the right time zone, and a clock that is wrong by this many hours. */
const wrongBy = (hours: number): Record<string, string> => ({
  NODE_OPTIONS: `--import=${pathToFileURL(fileOf("wrong-clock.js")).href}`,
  WRONG_BY: String(hours * 3_600_000),
});

interface DeployShown {
  readonly release: string;
  readonly by: string;
  readonly leaseLeft: number;
  readonly lost: boolean;
}

describeWithServer(
  "accidents of a deploy",
  { available: isPostgresAvailable(), packageName: "postgresql" },
  () => {
    let server: PostgresServer;
    let databases = 0;
    let stage: Stage;
    let books: Books;
    const shared: Record<string, string> = {};

    beforeAll(async () => {
      server = await startPostgres();
    });
    afterAll(async () => {
      await server.stop();
    });

    beforeEach(async () => {
      stage = createStage(shared);
      const name = `accident_${String(++databases)}`;
      await server.query(`create database ${name}`);
      shared["MAINTENANCE_STORE"] = server.url.replace(/\/postgres$/, `/${name}`);
      shared["LIBRARY_DATABASE"] = join(stage.folder, "library.db");
      books = openBooks(shared["LIBRARY_DATABASE"]);
      await books.create();
      expect(await stage.run("v1.0", "create-release", "--no-wait")).toMatchObject({ code: 0 });
    });
    afterEach(async () => {
      await books.close();
      await stage.clear();
    });

    async function begin(
      release: string,
      options: readonly string[] = [],
      environment: Readonly<Record<string, string>> = {},
    ): Promise<Running> {
      const deploy = stage.start(release, ["deploy", ...options, "--", ...migration], environment);
      await deploy.said("ready");
      return deploy;
    }

    async function shownDeploy(): Promise<DeployShown | null> {
      const { stdout } = await stage.run(undefined, "status", "--json");
      return (JSON.parse(stdout) as { readonly deploy: DeployShown | null }).deploy;
    }

    /** Has the effect of half a minute passing. */
    async function endLease(): Promise<void> {
      const store = openStore(shared["MAINTENANCE_STORE"] ?? "");
      try {
        await updateState({ store, app: "default", clock: systemClock }, (state, now) =>
          renewDeploy(state, state.deploy?.id ?? "", 0, now),
        );
      } finally {
        await store.close();
      }
    }

    const becomes = (instance: Instance, path: string, kind: string): Promise<void> =>
      expect.poll(async () => (await instance.visit(path)).kind).toBe(kind);

    test("killed outright: masked until the lease ends, then raw; the next deploy goes, and says what was lost", async () => {
      const fresh = await stage.startInstance("v1.1");
      const deploy = await begin("v1.1");
      deploy.kill("SIGKILL");
      // Its command survives it, until nobody can tell it what to do.
      deploy.tell("exit 0");
      await deploy.result;
      const left = await shownDeploy();
      expect(left).toMatchObject({ release: "v1.1", lost: false });
      expect(left?.leaseLeft).toBeLessThanOrEqual(30);
      expect((await fresh.visit("/bug")).kind).toBe("page");
      expect(await stage.run("v1.2", "deploy", "--", "true")).toMatchObject({ code: 1 });

      await endLease();
      await becomes(fresh, "/bug", "raw");
      expect((await stage.run(undefined, "status")).stdout).toContain(": lost, since it was never closed");
      const next = await stage.run("v1.2", "deploy", "--no-wait", "--", "true");
      expect(next).toMatchObject({ code: 0 });
      expect(next.stderr).toMatch(/^Note: the deploy of v1\.1 by .+@.+ was lost/);
      expect(await shownDeploy()).toBeUndefined();
    });

    test("stopped: the command gets the signal and is waited for, and the deploy is closed", async () => {
      const old = await stage.startInstance("v1.0");
      const deploy = await begin("v1.1", ["--on-failure", "restore"]);
      expect((await old.visit("/bug")).kind).toBe("page");
      deploy.kill("SIGTERM");
      const { code, stdout, stderr } = await deploy.result;
      expect(code).toBe(9);
      expect(stdout).toContain("stopped\n");
      expect(stderr).toContain("Deploy of v1.1 aborted (SIGTERM)");
      expect(await shownDeploy()).toBeUndefined();
      await becomes(old, "/bug", "raw");
    });

    describe.each([1, -1])("on a machine whose clock is wrong by %i h", (hours) => {
      test("is open as long as on any other, for instances whose clock is wrong the other way too", async () => {
        const [right, wrong] = await Promise.all([
          stage.startInstance("v1.1"),
          stage.startInstance("v1.1", wrongBy(-hours)),
        ]);
        const deploy = await begin("v1.1", [], wrongBy(hours));
        deploy.tell("time");
        await deploy.said(`hours: ${String(Math.round(Date.now() / 3_600_000 + hours))}`);
        const { leaseLeft } = (await shownDeploy()) as DeployShown;
        expect(leaseLeft).toBeGreaterThan(20);
        expect(leaseLeft).toBeLessThanOrEqual(30);
        expect((await right.visit("/bug")).kind).toBe("page");
        expect((await wrong.visit("/bug")).kind).toBe("page");
        deploy.tell("exit 0");
        expect(await deploy.result).toMatchObject({ code: 0 });
        await becomes(right, "/bug", "raw");
        await becomes(wrong, "/bug", "raw");
      });
    });

    test("two pipelines at once: one of them opens its deploy, the other is told by whom", async () => {
      const results = await Promise.all(
        ["v1.1", "v1.2", "v1.3"].map((release) => stage.run(release, "deploy", "--begin", "--no-wait")),
      );
      expect(results.map(({ code }) => code).sort()).toEqual([0, 1, 1]);
      const { release, by } = (await shownDeploy()) as DeployShown;
      for (const { code, stderr } of results) {
        if (code === 1) expect(stderr).toContain(`A deploy of ${release} is open, by ${by} since `);
      }
    });

    test("taken over: the first one's wrapper says so, goes on, and leaves the second one's deploy open", async () => {
      const first = await begin("v1.1");
      const refused = await stage.run("v1.2", "deploy", "--", "true");
      expect(refused).toMatchObject({ code: 1 });
      expect(refused.stderr).toContain("A deploy of v1.1 is open");
      const second = await begin("v1.2", ["--take-over"]);
      await first.said("The deploy was taken over by ");
      await first.said("The command goes on.");
      first.tell("migrate");
      await first.said("done: migrate");
      first.tell("exit 0");
      const { code, stderr } = await first.result;
      expect(code).toBe(0);
      expect(stderr).toContain("Warning: the deploy was not closed here.");
      expect(await shownDeploy()).toMatchObject({ release: "v1.2", lost: false });
      second.tell("exit 0");
      expect(await second.result).toMatchObject({ code: 0 });
      expect(await shownDeploy()).toBeUndefined();
    });

    test("the store is away while the command runs: it goes on, and the deploy is closed when the store is back", async () => {
      const deploy = await begin("v1.1");
      await server.halt();
      try {
        await deploy.said("could not be renewed, and is tried again. The command goes on.");
        deploy.tell("migrate");
        await deploy.said("done: migrate");
      } finally {
        await server.restart();
      }
      deploy.tell("exit 0");
      expect(await deploy.result).toMatchObject({ code: 0 });
      expect(await shownDeploy()).toBeUndefined();
    });
  },
);
