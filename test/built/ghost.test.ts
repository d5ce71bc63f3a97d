import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readBlocks } from "../docs/blocks.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { isMariadbAvailable, startMariadb, type MariadbServer } from "../servers/mariadb.ts";
import { visit } from "../support/http.ts";
import type { RunningApp } from "./built-app.ts";
import { bytesOf } from "./bytes.ts";
import { beginDeploy, browser, closeSite, expectDeploy, type Deploy, type Paths } from "./deploy.ts";
import { installGhost } from "./ghost-app.ts";
import { nodesFrom } from "./nodes.ts";

// It takes minutes. Only the Node versions that Ghost supports.
const nodes =
  process.env["BUILT_ALL"] === "1"
    ? nodesFrom(22, 23).filter(({ major }) => major === 22 || major === 24)
    : [];
const server = { available: isMariadbAvailable(), packageName: "mariadb-server" };
const program = "current/index.js";
const command = [program, "--server:port={port}"] as const;

test("the guide starts Ghost in this way", () => {
  const block = readBlocks("docs/frameworks.md").find(({ check }) => check === "built ghost");
  expect(block?.text).toBe(`node --import intermission/auto ${program}\n`);
});

describe.each(nodes)("Ghost 6 on Node $major", (node) => {
  describeWithServer("on MariaDB", server, () => {
    const ends: (() => Promise<void>)[] = [];
    let database: MariadbServer;
    let bare: RunningApp;
    let app: RunningApp;
    let deploy: Deploy;
    let api: (resource: string) => string;

    beforeAll(async () => {
      database = await startMariadb({ password: "secret" });
      ends.unshift(database.stop);
      const { port } = database;
      const built = await installGhost("6.65.0", node, {
        url: "http://127.0.0.1",
        server: { host: "127.0.0.1" },
        database: {
          client: "mysql",
          connection: { host: "127.0.0.1", port, user: "app", password: "secret", database: "ghost" },
        },
        logging: { transports: ["stdout"] },
        privacy: { useTinfoil: true },
      });
      ends.unshift(built.remove);
      deploy = await beginDeploy();
      ends.unshift(deploy.end);
      bare = await built.start({ command });
      ends.unshift(bare.stop);
      await hasBooted(bare);
      app = await built.start({ command, auto: true, environment: deploy.environment });
      ends.unshift(app.stop);
      await hasBooted(app);
      const [key] = await database.query("select secret from ghost.api_keys where type = 'content'");
      api = (resource) => `/ghost/api/content/${resource}/?key=${String(key?.["secret"])}`;
    });
    afterAll(async () => {
      for (const end of ends.splice(0)) await end();
    });

    test("answers as ever where nothing fails, to the byte", async () => {
      // Not an API error, to which Ghost gives an id.
      const same = [api("tags"), api("posts"), "/robots.txt", "/missing/"];
      expect(await bytesOf(app, same)).toEqual(await bytesOf(bare, same));
    });

    test("goes through a deploy that renames a table", async () => {
      await database.query("rename table ghost.posts_authors to ghost.posts_writers");
      const paths: Paths = {
        successes: [api("tags"), "/robots.txt"],
        errors: ["/", "/coming-soon/", "/rss/", api("authors")],
        refusals: ["/missing/", "/ghost/api/content/posts/"],
      };
      await expectDeploy(app.url, deploy, paths);

      await deploy.intermission.createRelease("v1.2");
      const { headers, body } = await visit(app.url + api("authors"), {
        headers: { accept: "application/json" },
      });
      expect(headers["content-type"]).toBe("application/problem+json");
      expect(JSON.parse(body)).toMatchObject({ status: 503, retryAfter: 60 });
      await database.query("rename table ghost.posts_writers to ghost.posts_authors");
    });

    test("answers a column that is gone with 400 itself, which is left alone", async () => {
      await database.query("alter table ghost.posts drop column published_at");
      for (const path of ["/", api("posts")]) {
        const { status, headers } = await visit(app.url + path, { headers: browser });
        expect({ path, status, page: headers["x-maintenance"] }).toEqual({ path, status: 400 });
      }
    });

    test("answers nothing while the site is closed", async () => {
      await closeSite(app.url, deploy);
      for (const path of ["/", "/ghost/", "/missing/", api("tags")])
        expect((await visit(app.url + path, { headers: browser })).status).toBe(503);
    });
  });
});

/** While it creates its tables, Ghost answers everything with 503. */
async function hasBooted({ url }: RunningApp): Promise<void> {
  await vi.waitFor(
    async () => {
      expect((await visit(`${url}/robots.txt`)).status).toBe(200);
    },
    { timeout: 240_000, interval: 1000 },
  );
}
