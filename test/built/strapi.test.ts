import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReportStore } from "../../src/core/ports.ts";
import { readReports } from "../../src/reports/instances.ts";
import { openStore } from "../../src/stores/open.ts";
import { readBlocks } from "../docs/blocks.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../servers/postgres.ts";
import { visit } from "../support/http.ts";
import { buildApp, type BuiltApp, type RunningApp, type StartPlan } from "./built-app.ts";
import { bytesOf } from "./bytes.ts";
import { beginDeploy, browser, closeSite, expectDeploy, type Deploy, type Paths } from "./deploy.ts";
import { nodesFrom } from "./nodes.ts";

// It takes minutes.
const nodes = process.env["BUILT_ALL"] === "1" ? nodesFrom(20) : [];
const server = { available: isPostgresAvailable(), packageName: "postgresql" };

// Strapi reads with `select *`, so a list survives the loss of a column: only queries that name it fail.
const failing = "/api/orders?sort=note";
const paths: Paths = {
  successes: ["/api/shops", "/api/orders"],
  errors: [failing, "/api/orders?fields=note", "/api/orders?filters[note]=thanks"],
  refusals: ["/", "/api/missing", "/api/orders/missing", "/api/orders?sort=nothing"],
};

const command = ["node_modules/.bin/strapi", "start"] as const;
type Way = StartPlan & {
  /** The settings come from the app's `.env`, which Strapi reads itself. */
  readonly dotenv?: boolean;
};

const documented: readonly (readonly [string, Way])[] = [
  ["node --import intermission/auto node_modules/.bin/strapi start", { command, auto: true }],
  [
    'NODE_OPTIONS="--import intermission/auto" npm start',
    {
      program: "npm",
      command: ["start"],
      environment: { NODE_OPTIONS: "--import intermission/auto" },
    },
  ],
];

const ways: readonly (readonly [string, Way])[] = [
  ...documented,
  ["with the settings in a .env of the app", { command, auto: true, dotenv: true }],
];

test("the guide starts Strapi in these ways", () => {
  const block = readBlocks("docs/frameworks.md").find(({ check }) => check === "built strapi");
  expect(block?.text).toBe(documented.map(([way]) => `${way}\n`).join(""));
});

describe.each(nodes)("Strapi 5 on Node $major", (node) => {
  describeWithServer("on PostgreSQL", server, () => {
    let postgres: PostgresServer;
    let built: BuiltApp;
    let bare: RunningApp;
    const watched: { app: RunningApp; deploy: Deploy }[] = [];

    beforeAll(async () => {
      postgres = await startPostgres();
      built = await buildApp({
        name: "strapi",
        packages: {
          "@strapi/strapi": "5.54.0",
          libsql: "0.5.29",
          pg: "8.23.1",
          react: "18.3.1",
          "react-dom": "18.3.1",
          "react-router-dom": "6.30.6",
          "styled-components": "6.6.0",
        },
        manifest: { type: "commonjs", scripts: { start: "strapi start" } },
        node,
      });
      const environment = { APP_DATABASE_URL: postgres.url, STRAPI_TELEMETRY_DISABLED: "true" };
      bare = await built.start({ command, environment });
      for (const [, way] of ways) {
        const deploy = await beginDeploy();
        const file = join(built.folder, ".env");
        if (way.dotenv === true) await writeFile(file, toDotenv(deploy.environment));
        const own = way.dotenv === true ? {} : deploy.environment;
        const settings = { ...environment, ...own, ...way.environment };
        watched.push({ app: await built.start({ ...way, environment: settings }), deploy });
        await rm(file, { force: true });
      }
      await send(bare.url, { item: "tea", note: "thanks" });
      // Each start of Strapi syncs the tables with the app. A migration of the next release comes afterwards.
      await postgres.query("alter table orders drop column note");
    });
    afterAll(async () => {
      await bare.stop();
      for (const { app, deploy } of watched.splice(0)) {
        await app.stop();
        await deploy.end();
      }
      await built.remove();
      await postgres.stop();
    });

    describe.each(ways.map(([way], index) => ({ way, index })))("$way", ({ index }) => {
      const started = (): { app: RunningApp; deploy: Deploy } => {
        const one = watched[index];
        if (one === undefined) throw new Error("It was not started");
        return one;
      };

      test("answers as ever where nothing fails, to the byte", async () => {
        const same = [...paths.successes, ...paths.refusals];
        expect(await bytesOf(started().app, same)).toEqual(await bytesOf(bare, same));
      });

      test("goes through a deploy that drops a column", async () => {
        await expectDeploy(started().app.url, started().deploy, paths);
      });

      test("tells a client of the API in JSON, and leaves what it did wrong to Strapi", async () => {
        const { app, deploy } = started();
        const before = await visit(app.url + failing, { headers: { accept: "application/json" } });
        expect(JSON.parse(before.body)).toMatchObject({
          error: { status: 500, name: "InternalServerError" },
        });
        await deploy.intermission.createRelease("v1.2");
        for (const answer of [
          await visit(app.url + failing, { headers: { accept: "application/json" } }),
          await visit(app.url + failing),
          await send(app.url, { item: "tea", note: "thanks" }),
        ]) {
          expect(answer.headers["content-type"]).toBe("application/problem+json");
          expect(JSON.parse(answer.body)).toMatchObject({ status: 503, retryAfter: 60 });
        }
        const refused = await send(app.url, { note: "thanks" });
        expect(JSON.parse(refused.body)).toMatchObject({ error: { status: 400, name: "ValidationError" } });
      });

      test("is one instance, whoever started it", async () => {
        const store = openStore(started().deploy.environment["MAINTENANCE_STORE"] ?? "");
        const list = async (): Promise<number> =>
          (await readReports(store.reports as ReportStore, "default")).reports.length;
        await expect.poll(list, { timeout: 30_000 }).toBeGreaterThan(0);
        expect(await list()).toBe(1);
        await store.close();
      });

      test("answers nothing while the site is closed", async () => {
        const { app, deploy } = started();
        await closeSite(app.url, deploy);
        for (const path of ["/", "/admin", ...paths.successes, ...paths.errors])
          expect((await visit(app.url + path, { headers: browser })).status).toBe(503);
      });
    });
  });
});

function toDotenv(variables: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value ?? ""}\n`)
    .join("");
}

function send(url: string, data: object): ReturnType<typeof visit> {
  const headers = { accept: "application/json", "content-type": "application/json" };
  return visit(`${url}/api/orders`, { method: "POST", headers, body: JSON.stringify({ data }) });
}
