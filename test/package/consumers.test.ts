import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { isMariadbAvailable, startMariadb } from "../servers/mariadb.ts";
import { isPostgresAvailable, startPostgres } from "../servers/postgres.ts";
import { isRedisAvailable, startRedis } from "../servers/redis.ts";
import { version } from "../../src/reports/version.ts";
import { findEntryPoints } from "./entry-points.js";
import { lend, pack, type Packed } from "./packed.ts";

let packed: Packed;
beforeAll(async () => {
  packed = await pack();
});
afterAll(() => {
  packed.remove();
});

/** What each kind of consumer does with it: the story in four lines. */
const story = `
  const intermission = createIntermission({ store: memoryStore(), release: "v1.0" });
  await intermission.createRelease("v1.1", { wait: false });
  console.log(JSON.stringify(await intermission.decide()));
  await intermission.close();
`;
const verdict = `${JSON.stringify({ verdict: "maintenance", reason: "release-mismatch" })}\n`;

describe("a JavaScript project", () => {
  test("of ECMAScript modules imports it", async () => {
    const consumer = await packed.consumer({
      "main.mjs": `import { createIntermission, memoryStore } from "intermission";${story}`,
    });
    expect(await consumer.run("node", "main.mjs")).toEqual({ code: 0, stdout: verdict, stderr: "" });
  });

  test("of CommonJS modules requires it", async () => {
    const consumer = await packed.consumer({
      "main.cjs": `
        const { createIntermission, memoryStore } = require("intermission");
        const { maintenancePage } = require("intermission/express");
        if (typeof maintenancePage !== "function") throw new Error("no maintenancePage");
        (async () => {${story}})();`,
    });
    const { code, stdout } = await consumer.run("node", "main.cjs");
    expect({ code, stdout }).toEqual({ code: 0, stdout: verdict });
  });

  const subpaths = findEntryPoints().map(({ subpath }) => subpath.replace(".", "intermission"));

  test.each(subpaths)("loads %s without any other package", async (subpath) => {
    const consumer = await packed.consumer({
      "main.mjs": `
        process.env.MAINTENANCE_STORE = "memory:";
        process.env.MAINTENANCE_PAGE_RELEASE = "v1.0";
        await import(${JSON.stringify(subpath)});`,
    });
    expect(await consumer.run("node", "main.mjs")).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("can't reach into it", async () => {
    const consumer = await packed.consumer({
      "main.mjs": `await import("intermission/dist/core/decide.js");`,
    });
    const { code, stderr } = await consumer.run("node", "main.mjs");
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/ERR_PACKAGE_PATH_NOT_EXPORTED|ERR_MODULE_NOT_FOUND/),
    });
  });

  test.each([
    ["postgres", "pg"],
    ["mysql", "mysql2"],
    ["redis", "ioredis"],
  ])("that names a %s store whose client is not installed is told to install %s", async (scheme, client) => {
    const consumer = await packed.consumer({
      "main.mjs": `
        import { createIntermission, isIntermissionError } from "intermission";
        const options = { store: "${scheme}://127.0.0.1:1/0", release: "v1.0" };
        const intermission = createIntermission(options, { watching: false });
        const error = await intermission.status().catch((reason) => reason);
        console.log(isIntermissionError(error), error.code, error.message);
        await intermission.close();`,
    });
    const { code, stdout } = await consumer.run("node", "main.mjs");
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        new RegExp(
          `^true client-missing .* the package ${client}, which is not installed.*\`npm install ${client}\``,
        ),
      ),
    });
  });

  test("runs the command", async () => {
    const consumer = await packed.consumer({});
    const { code, stdout } = await consumer.run("npx", "--no-install", "intermission", "--version");
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${version}\n` });
  });
});

const typedImport = `
  import { createIntermission, type Intermission, type IntermissionOptions, type Verdict } from "intermission";
  import { maintenancePage as expressPage } from "intermission/express";
  import { maintenancePage as fetchPage } from "intermission/fetch";
  import { maintenancePage as nodePage } from "intermission/node";
  import { memoryStore } from "intermission/stores/memory";
  import { mysqlStore } from "intermission/stores/mysql";
  import { postgresStore } from "intermission/stores/postgres";
  import { redisStore } from "intermission/stores/redis";
  import { sqliteStore } from "intermission/stores/sqlite";
  import { storeContract } from "intermission/testing";
  import "intermission/auto";
  import { createServer } from "node:http";
`;

const typedUse = `
  const options: IntermissionOptions = { store: memoryStore(), release: "v1.0", maxWindow: "30m" };
  const intermission: Intermission = createIntermission(options);
  const verdict: Promise<Verdict> = intermission.decide({ status: 500 });
  createServer(nodePage((request, response) => response.end(request.url), { intermission }));
  const handler: (request: Request, more: number) => Promise<Response> = fetchPage(
    (request: Request, more: number) => new Response(request.url + String(more)),
    { intermission },
  );
  // @ts-expect-error: there is no such option.
  expressPage({ relase: "v1.0" });
  // @ts-expect-error: a store is no number.
  createIntermission({ store: 3 });
  export { verdict, handler, mysqlStore, postgresStore, redisStore, sqliteStore, storeContract };
`;

const target = { target: "es2023", types: ["node"] };

describe("a TypeScript project that checks its libraries", () => {
  test("compiles as an ECMAScript module (nodenext)", async () => {
    const consumer = await packed.consumer({ "main.mts": typedImport + typedUse });
    lend(consumer, "@types/node", "undici-types");
    expect(await consumer.compile({ ...target, module: "nodenext" })).toBe("");
  });

  test("compiles as a CommonJS module (nodenext)", async () => {
    const consumer = await packed.consumer({ "main.cts": typedImport + typedUse });
    lend(consumer, "@types/node", "undici-types");
    expect(await consumer.compile({ ...target, module: "nodenext" })).toBe("");
  });

  test("compiles for a bundler", async () => {
    const consumer = await packed.consumer({ "main.ts": typedImport + typedUse });
    lend(consumer, "@types/node", "undici-types");
    expect(await consumer.compile({ ...target, module: "esnext", moduleResolution: "bundler" })).toBe("");
  });

  test("compiles for a runtime that is not Node, without Node's types", async () => {
    const consumer = await packed.consumer({
      "main.ts": `
        import { createIntermission, memoryStore } from "intermission";
        import { maintenancePage } from "intermission/fetch";
        const intermission = createIntermission({ store: memoryStore(), release: "v1.0" });
        export default { fetch: maintenancePage(() => new Response("Hello"), { intermission }) };`,
    });
    const options = { target: "es2023", lib: ["es2023", "dom"], types: [] };
    expect(await consumer.compile({ ...options, module: "esnext", moduleResolution: "bundler" })).toBe("");
  });
});

const postgres = { available: isPostgresAvailable(), packageName: "postgresql", start: startPostgres };
const mariadb = { available: isMariadbAvailable(), packageName: "mariadb-server", start: startMariadb };
const redis = { available: isRedisAvailable(), packageName: "redis-server", start: startRedis };

/** Clients that an app may already have: how to make a store from one, given the URL, and how to end it. */
const clients = [
  {
    client: "a pool of pg",
    server: postgres,
    packages: ["pg", "@types/pg"],
    make: `
      import { Pool } from "pg";
      import { postgresStore } from "intermission/stores/postgres";
      const client = new Pool({ connectionString: url });
      const store = postgresStore({ pool: client });`,
    end: `await client.end();`,
  },
  {
    client: "a pool of mysql2/promise",
    server: mariadb,
    packages: ["mysql2"],
    make: `
      import { createPool } from "mysql2/promise";
      import { mysqlStore } from "intermission/stores/mysql";
      const client = createPool(url);
      const store = mysqlStore({ pool: client });`,
    end: `await client.end();`,
  },
  {
    client: "a pool of mysql2 with callbacks",
    server: mariadb,
    packages: ["mysql2"],
    make: `
      import { createPool } from "mysql2";
      import { mysqlStore } from "intermission/stores/mysql";
      const client = createPool(url);
      const store = mysqlStore({ pool: client });`,
    end: `client.end();`,
  },
  {
    client: "a client of ioredis",
    server: redis,
    packages: ["ioredis"],
    make: `
      import { Redis } from "ioredis";
      import { redisStore } from "intermission/stores/redis";
      const client = new Redis(url);
      const store = redisStore({ client });`,
    end: `client.disconnect();`,
  },
  {
    client: "a client of redis",
    server: redis,
    packages: ["redis"],
    make: `
      import { createClient } from "redis";
      import { redisStore } from "intermission/stores/redis";
      const client = await createClient({ url }).connect();
      const store = redisStore({ client });`,
    end: `client.destroy();`,
  },
];

describe.each(clients)("a project that has $client", ({ server, packages, make, end }) => {
  const program = (url: string): string => `
    import { createIntermission } from "intermission";
    const url = ${JSON.stringify(url)};
    ${make}
    const intermission = createIntermission({ store, release: "v1.0" });
    await intermission.createRelease("v1.1", { wait: false });
    console.log(JSON.stringify(await intermission.decide()));
    await intermission.close();
    await store.close();
    ${end}`;

  test("hands it in, and has the right types", async () => {
    const consumer = await packed.consumer({ "main.mts": program("…") });
    lend(consumer, "@types/node", "undici-types", ...packages);
    expect(await consumer.compile({ ...target, module: "nodenext" })).toBe("");
  });

  describeWithServer("and its server", server, () => {
    test("hands it in, records a release with it, and ends", async () => {
      const { url, stop } = await server.start();
      try {
        const consumer = await packed.consumer({ "main.mjs": program(url) });
        lend(consumer, ...packages);
        expect(await consumer.run("node", "main.mjs")).toEqual({ code: 0, stdout: verdict, stderr: "" });
      } finally {
        await stop();
      }
    });
  });
});
