import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createIntermission, type Intermission } from "../../src/index.ts";
import { findFreePort } from "../servers/free-port.ts";
import { visit } from "../support/http.ts";
import { auto, root } from "./place.ts";

const run = promisify(execFile);

/** The app answers with its release, and with an error. */
const answer = `(request, response) => request.url === "/broken"
  ? response.writeHead(500).end("trace")
  : response.end(String(process.env.MAINTENANCE_PAGE_RELEASE))`;

let folder: string;
let store: string;
let intermission: Intermission;
let release = 1;

const current = (): string => `v${String(release)}`;
/** Makes the next release current. */
async function deploy(): Promise<void> {
  release++;
  await intermission.createRelease(current());
}

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "intermission-managed-"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  store = `sqlite:${join(folder, "state.db")}`;
  intermission = createIntermission({ store, release: "v1" }, { environment: {}, watching: false });
  await intermission.createRelease("v1", { wait: false });
});
afterAll(async () => {
  await intermission.close();
  await rm(folder, { recursive: true, force: true });
});

/** Expects the answers of servers started without settings in their environment. */
async function expectDeploy(ports: Readonly<Record<string, number>>): Promise<void> {
  const each = async (see: (url: string) => Promise<unknown>): Promise<Record<string, unknown>> => {
    const seen: Record<string, unknown> = {};
    const look = async ([name, port]: readonly [string, number]): Promise<void> => {
      seen[name] = await see(`http://127.0.0.1:${String(port)}`);
    };
    await Promise.all(Object.entries(ports).map(look));
    return seen;
  };
  const all = (value: unknown): Record<string, unknown> =>
    Object.fromEntries(Object.keys(ports).map((name) => [name, value]));

  const releaseOf = (url: string): Promise<string> =>
    visit(url).then(
      ({ body }) => body,
      () => "",
    );
  await expect.poll(() => each(releaseOf), { timeout: 20_000 }).toEqual(all(current()));
  const errorOf = async (url: string): Promise<number> => (await visit(`${url}/broken`)).status;
  expect(await each(errorOf)).toEqual(all(500));
  await deploy();
  await expect.poll(() => each(errorOf), { timeout: 20_000 }).toEqual(all(503));
  expect(await each(async (url) => (await visit(url)).status)).toEqual(all(200));
}

describe("settings that the app loads itself", () => {
  const children: ChildProcess[] = [];
  afterAll(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });

  async function start(words: readonly string[]): Promise<number> {
    const port = await findFreePort();
    const child = spawn(process.execPath, words, {
      cwd: folder,
      env: { PATH: process.env["PATH"] ?? "", PORT: String(port) },
      stdio: "inherit",
    });
    children.push(child);
    return port;
  }

  const listen = `require("node:http").createServer(${answer}).listen(Number(process.env.PORT), "127.0.0.1");`;
  const apps: readonly (readonly [
    how: string,
    words: readonly string[],
    files: Readonly<Record<string, string>>,
  ])[] = [
    ["node --env-file", ["--env-file", ".env", "--import", auto, "plain.cjs"], { "plain.cjs": listen }],
    ["dotenv/config, required first", ["-r", "dotenv/config", "--import", auto, "plain.cjs"], {}],
    [
      "dotenv/config, imported by the app",
      ["--import", auto, "imports.mjs"],
      {
        "imports.mjs": `import "dotenv/config";\nimport { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);\n${listen}`,
      },
    ],
    [
      "dotenv, after the app has made its server",
      ["--import", auto, "late.cjs"],
      {
        "late.cjs": `const server = require("node:http").createServer(${answer});
          setTimeout(() => {
            require("dotenv").config({ quiet: true });
            server.listen(Number(process.env.PORT), "127.0.0.1");
          }, 50);`,
      },
    ],
    [
      "Nest's ConfigModule",
      ["--import", auto, "nest.cjs"],
      {
        "nest.cjs": `require("reflect-metadata");
          const { Module } = require("@nestjs/common");
          const { NestFactory } = require("@nestjs/core");
          const { ConfigModule } = require("@nestjs/config");
          class AppModule {}
          Module({ imports: [ConfigModule.forRoot()] })(AppModule);
          NestFactory.create(AppModule, { logger: false }).then((app) => {
            app.use(${answer});
            return app.listen(Number(process.env.PORT), "127.0.0.1");
          });`,
      },
    ],
  ];
  test("are known to it, whichever way they are loaded", async () => {
    write(".env", `MAINTENANCE_STORE=${store}\nMAINTENANCE_PAGE_RELEASE=${current()}\n`);
    const ports: Record<string, number> = {};
    for (const [how, words, files] of apps) {
      for (const [name, text] of Object.entries(files)) write(name, text);
      ports[how] = await start(words);
    }
    await expectDeploy(ports);
  });
});

describe("PM2", () => {
  const environment = (): NodeJS.ProcessEnv => ({
    PATH: process.env["PATH"] ?? "",
    PM2_HOME: join(folder, "pm2"),
    HOME: folder,
    REL: current(),
  });
  const pm2 = (...words: readonly string[]): Promise<unknown> =>
    run(process.execPath, [join(root, "node_modules/pm2/bin/pm2"), ...words, "--silent"], {
      cwd: folder,
      env: environment(),
      timeout: 60_000,
    });

  afterAll(async () => {
    await pm2("kill");
  });

  test("has the app's environment known in fork and in cluster mode, and the new one after reload --update-env", async () => {
    mkdirSync(join(folder, "pm2"), { recursive: true });
    const ports = { fork: await findFreePort(), cluster: await findFreePort() };
    write(
      "pm2-app.cjs",
      `const server = require("node:http").createServer(${answer}).listen(Number(process.env.PORT), "127.0.0.1");
      process.on("SIGINT", () => server.close(() => process.exit()));`,
    );
    const config = write(
      "ecosystem.config.cjs",
      `module.exports = { apps: Object.entries(${JSON.stringify(ports)}).map(([name, PORT]) => ({
        name, script: "pm2-app.cjs", exec_mode: name, instances: 1, node_args: "--import ${auto}",
        env: { PORT, MAINTENANCE_STORE: ${JSON.stringify(store)}, MAINTENANCE_PAGE_RELEASE: process.env.REL },
      })) };`,
    );
    await pm2("start", config);
    await expectDeploy(ports);
    await pm2("reload", config, "--update-env");
    await expectDeploy(ports);
  }, 120_000);

  test("leaves nothing of ours in its daemon's log", () => {
    expect(readFileSync(join(folder, "pm2/pm2.log"), "utf8")).not.toContain("intermission]");
  });
});
