import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createIntermission } from "../../src/engine/create.ts";
import { maintenancePage } from "../../src/frameworks/node/index.ts";
import { openStore } from "../../src/stores/open.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { findFreePort } from "../servers/free-port.ts";
import { isPgBouncerAvailable, startPgBouncer, type Pooler } from "../servers/poolers.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../servers/postgres.ts";
import { isRedisAvailable, startRedis, type RedisServer } from "../servers/redis.ts";
import { built } from "../support/built.ts";
import { listen } from "../support/http.ts";
import { runCli, temporaryFolder } from "./run-cli.ts";

type Environment = Readonly<Record<string, string>>;

interface Report {
  readonly ok: boolean;
  readonly checks: readonly { name: string; ok: boolean; found: string; remedy: string | null }[];
}

const servers = {
  available: isPostgresAvailable() && isPgBouncerAvailable() && isRedisAvailable(),
  packageName: "postgresql pgbouncer redis-server",
};

const wrongClock = pathToFileURL(resolve(import.meta.dirname, "../story/wrong-clock.js")).href;
const commit = "9fceb02d0ae598e95dc970b74767f19372d61af8";

describeWithServer("doctor", servers, () => {
  let postgres: PostgresServer;
  let standby: PostgresServer;
  let pooler: Pooler;
  let redis: RedisServer;

  beforeAll(async () => {
    const mute = "user mute on >hush ~* resetchannels +@all";
    [postgres, standby, redis] = await Promise.all([
      startPostgres(),
      startPostgres(),
      startRedis({ settings: [mute] }),
    ]);
    pooler = await startPgBouncer(postgres.port, "transaction");
    await Promise.all([
      ...[postgres.url, standby.url, redis.url].map((store) => record(store, "v1.0")),
      postgres.query("create role stranger login"),
    ]);
    await record(postgres.url, "v1.0", "older");
    await record(postgres.url, "v1.1", "older");
    await record(postgres.url, commit, "commits");
    const [row] = await standby.query("show data_directory");
    writeFileSync(join(String(row?.["data_directory"]), "standby.signal"), "");
    await standby.restart();
  }, 120_000);

  afterAll(async () => {
    await pooler.stop();
    await Promise.all([postgres.stop(), standby.stop(), redis.stop()]);
  });

  async function record(store: string, release: string, app = "default"): Promise<void> {
    const words = ["create-release", release, "--no-wait", "--store", store, "--app", app];
    expect(await runCli(words, { cwd: tmpdir() })).toMatchObject({ exitCode: 0 });
  }

  /** An instance that has reported itself. */
  async function startInstance(store: string, release: string, app: string): Promise<string> {
    const logger = { warn: () => undefined, error: () => undefined };
    const intermission = createIntermission({ store, release, app, logger });
    onTestFinished(() => intermission.close());
    await intermission.ready();
    const site = await listen(
      createServer(maintenancePage((_, response) => response.end("the app"), { intermission })),
    );
    onTestFinished(() => site.close());
    const opened = openStore(store);
    onTestFinished(() => opened.close());
    await expect
      .poll(async () => (await opened.reports?.list(app))?.reports.length, { timeout: 10_000 })
      .toBe(1);
    return site.url;
  }

  async function diagnose(
    environment: Environment,
    words: readonly string[] = [],
    program?: string,
  ): Promise<Report & { readonly exitCode: number | null }> {
    const { exitCode, stdout, stderr } = await runCli(["doctor", "--json", ...words], {
      cwd: temporaryFolder(),
      env: { MAINTENANCE_PAGE_RELEASE: "v1.0", ...environment },
      ...(program === undefined ? {} : { program }),
    });
    expect(stderr).toBe("");
    return { exitCode, ...(JSON.parse(stdout) as Report) };
  }

  const wrongIn = ({ checks }: Report): Report["checks"] => checks.filter(({ ok }) => !ok);

  async function expectSound(environment: Environment, words: readonly string[] = []): Promise<Report> {
    const report = await diagnose(environment, words);
    expect({ wrong: wrongIn(report), ok: report.ok, exitCode: report.exitCode }).toEqual({
      ...{ wrong: [], ok: true, exitCode: 0 },
    });
    return report;
  }

  /** One thing is wrong, and it is told with the remedy and without the password. */
  function expectWrong(
    report: Report & { readonly exitCode: number | null },
    name: string,
    found: RegExp,
    remedy: RegExp,
  ): void {
    expect(wrongIn(report)).toEqual([
      {
        ...{ name, ok: false },
        found: expect.stringMatching(found) as string,
        remedy: expect.stringMatching(remedy) as string,
      },
    ]);
    expect({ ok: report.ok, exitCode: report.exitCode }).toEqual({ ok: false, exitCode: 1 });
    expect(JSON.stringify(report)).not.toContain("hush");
  }

  test("finds nothing wrong with a file of SQLite, PostgreSQL, PgBouncer, Redis and the least rights", async () => {
    const file = `sqlite:${join(temporaryFolder(), "state.db")}`;
    await record(file, "v1.0");
    await postgres.query("create role app login");
    await postgres.query("grant select on intermission to app");
    const asApp = postgres.url.replace("postgres@", "app@");
    for (const store of [file, postgres.url, pooler.url, redis.url, asApp]) {
      const { checks } = await expectSound({ MAINTENANCE_STORE: store });
      const push = checks.find(({ name }) => name === "push");
      if (store === pooler.url) expect(push?.found).toMatch(/nobody needs it.*PgBouncer/);
    }
    // The next release's machine, before its deploy records it; and the app's own database.
    await expectSound({ DATABASE_URL: postgres.url, MAINTENANCE_PAGE_RELEASE: "v2.0" });
  }, 60_000);

  test("finds nothing wrong with a running app", async () => {
    await record(redis.url, "v1.0", "running");
    const url = await startInstance(redis.url, "v1.0", "running");
    const env = { MAINTENANCE_STORE: redis.url, MAINTENANCE_APP: "running" };
    const { checks } = await expectSound(env, ["--url", url]);
    expect(checks.find(({ name }) => name === "instances")?.found).toBe("1 are running, 0 of them behind.");
  }, 60_000);

  test("finds a store that nobody named", async () => {
    expectWrong(
      await diagnose({}),
      "store",
      /has nothing, and depends on the folder/,
      /^Set MAINTENANCE_STORE/,
    );
  });

  test("finds a store that is not there", async () => {
    const store = `postgres://user:hush@127.0.0.1:${String(await findFreePort())}/app`;
    expectWrong(await diagnose({ MAINTENANCE_STORE: store }), "store", /ECONNREFUSED/, /server is running/);
  });

  test("finds a missing right", async () => {
    const store = postgres.url.replace("postgres@", "stranger@");
    expectWrong(
      await diagnose({ MAINTENANCE_STORE: store }),
      "store",
      /permission denied/,
      /grant|--print-grants/i,
    );
  });

  test("finds a replica", async () => {
    expectWrong(
      await diagnose({ MAINTENANCE_STORE: standby.url }),
      "store",
      /reads from a replica.*Name the server that is written to/,
      /^Correct MAINTENANCE_STORE/,
    );
  });

  test("finds a table in another schema", async () => {
    const store = `${postgres.url}?schema=elsewhere`;
    expectWrong(await diagnose({ MAINTENANCE_STORE: store }), "store", /there is one in public/, /^Correct/);
  });

  test("finds a client's package that is missing", async () => {
    const folder = temporaryFolder();
    cpSync(resolve(built("cli/main.js"), "../.."), join(folder, "copy"), { recursive: true });
    cpSync(resolve(import.meta.dirname, "../../package.json"), join(folder, "package.json"));
    const program = join(folder, "copy/cli/main.js");
    const report = await diagnose({ MAINTENANCE_STORE: postgres.url }, [], program);
    expectWrong(report, "store", /pg/, /npm install pg/);
  });

  test("finds push that is refused", async () => {
    const store = redis.url.replace("redis://", "redis://mute:hush@");
    expectWrong(await diagnose({ MAINTENANCE_STORE: store }), "push", /NOPERM/, /\S/);
  });

  test("finds a clock that is off", async () => {
    const env = { MAINTENANCE_STORE: postgres.url, NODE_OPTIONS: `--import ${wrongClock}` };
    for (const WRONG_BY of ["-120000", "120000"])
      expectWrong(await diagnose({ ...env, WRONG_BY }), "clock", /differ by 2 min/, /NTP/);
  });

  test("finds two forms of one commit, and create-release does, too", async () => {
    const env = { MAINTENANCE_STORE: postgres.url, MAINTENANCE_APP: "commits" };
    const short = commit.slice(0, 7);
    const report = await diagnose({ ...env, MAINTENANCE_PAGE_RELEASE: short });
    expectWrong(report, "record", /one commit, but two releases/, /same form/);
    const recorded = await runCli(["create-release", short, "--no-wait"], { cwd: temporaryFolder(), env });
    expect(recorded).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining("are one commit") as string,
    });
  });

  test("finds instances of a release that was never recorded, as those of another app", async () => {
    await record(redis.url, "v1.0", "shared");
    await startInstance(redis.url, "blog-7", "shared");
    const env = { MAINTENANCE_STORE: redis.url, MAINTENANCE_APP: "shared" };
    expectWrong(
      await diagnose(env),
      "instances",
      /^1 of 1 run .* never recorded here: .*blog-7/,
      /MAINTENANCE_APP/,
    );
  }, 60_000);

  test("finds instances that have been behind for long", async () => {
    await startInstance(postgres.url, "v1.0", "older");
    const env = { MAINTENANCE_STORE: postgres.url, MAINTENANCE_APP: "older", MAINTENANCE_WARN_AFTER: "1ms" };
    expectWrong(await diagnose(env), "instances", /^1 of 1 have been behind for/, /MAINTENANCE_WARN_AFTER/);
  }, 60_000);

  test("finds that the app at an address is no instance here", async () => {
    await record(redis.url, "v1.0", "lonely");
    const site = await listen((_, response) => response.end("the app"));
    onTestFinished(() => site.close());
    const env = { MAINTENANCE_STORE: redis.url, MAINTENANCE_APP: "lonely" };
    const report = await diagnose(env, ["--url", site.url]);
    expectWrong(
      report,
      "instances",
      /The app answers, but none has reported itself to redis:/,
      /this store and this name/,
    );
  }, 60_000);

  test("finds misspelt names, whatever is wrong with them", async () => {
    for (const [name, meant] of [
      ["MAINTENANCE_STOER", "MAINTENANCE_STORE"],
      ["MAINTAINANCE_RETRY_AFTER", "MAINTENANCE_RETRY_AFTER"],
      ["MAINTENENCE_MODE", "MAINTENANCE_MODE"],
    ] as const) {
      const report = await diagnose({ MAINTENANCE_STORE: postgres.url, [name]: "1" });
      expectWrong(report, "variables", new RegExp(`Nothing reads "${name}"`), new RegExp(`${meant}\\?`));
    }
  });

  test("finds a record in a repository that does not ignore it", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, ".git"));
    const store = `sqlite:${join(folder, "state.db")}`;
    await record(store, "v1.0");
    expectWrong(await diagnose({ MAINTENANCE_STORE: store }), "gitignore", /does not ignore/, /state\.db\*/);
  });
});
