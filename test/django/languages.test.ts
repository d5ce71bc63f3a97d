import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { cliPath, runCli, temporaryFolder } from "../cli/run-cli.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { findFreePort } from "../servers/free-port.ts";
import { isInstalled } from "../servers/proxy-process.ts";
import { visit } from "../support/http.ts";
import { comparable } from "./comparable.ts";
import { startProgram } from "./program.ts";
import { canImport, python } from "./python.ts";

const deploy = resolve(import.meta.dirname, "../../deploy");

interface Example {
  readonly name: string;
  readonly available: boolean;
  readonly packageName: string;
  readonly cwd: string;
  /** The program and its arguments. It may also read PORT and ADDRESS. */
  command(port: string): readonly [string, ...string[]];
}

const examples: readonly Example[] = [
  {
    name: "Flask",
    available: canImport("flask, gunicorn"),
    packageName: "python3-flask gunicorn",
    cwd: join(deploy, "flask"),
    command: (port) => [python, "-m", "gunicorn", "--bind", `127.0.0.1:${port}`, "app:app"],
  },
  {
    name: "FastAPI",
    available: canImport("fastapi, uvicorn"),
    packageName: "python3-fastapi python3-uvicorn",
    cwd: join(deploy, "fastapi"),
    command: (port) => [python, "-m", "uvicorn", "--port", port, "app:app"],
  },
  {
    name: "Rack",
    available: isInstalled("ruby", "-e", 'require "sinatra/base"; require "webrick"'),
    packageName: "ruby-sinatra ruby-webrick",
    cwd: join(import.meta.dirname, "ruby"),
    command: () => ["ruby", "app.rb"],
  },
  {
    name: "Rails",
    available: isInstalled("ruby", "-e", 'require "action_controller/railtie"; require "puma"'),
    packageName: "ruby-railties puma",
    cwd: join(import.meta.dirname, "ruby/rails"),
    command: (port) => [
      "puma",
      "--environment",
      "production",
      "--bind",
      `tcp://127.0.0.1:${port}`,
      "config.ru",
    ],
  },
  {
    name: "PHP",
    available: isInstalled("php", "--version"),
    packageName: "php-cli",
    cwd: join(import.meta.dirname, "php"),
    command: (port) => ["php", "-d", "display_errors=0", "-S", `127.0.0.1:${port}`, "index.php"],
  },
  {
    name: "Go",
    available: isInstalled("go", "version"),
    packageName: "golang-go",
    cwd: join(deploy, "go"),
    command: () => [buildGo()],
  },
];

describe.each(examples)("$name", ({ available, packageName, cwd, command }) => {
  describeWithServer("behind the gateway", { available, packageName }, () => {
    test("has its own errors, and the page in their place during a deploy", async () => {
      const folder = temporaryFolder();
      const port = String(await findFreePort());
      const origin = `http://127.0.0.1:${port}`;
      const [program, ...words] = command(port);
      const env = {
        ADDRESS: `127.0.0.1:${port}`,
        MAINTENANCE_PAGE_RELEASE: "v1.0",
        PORT: port,
        PYTHONDONTWRITEBYTECODE: "1",
        RAILS_ENV: "production",
      };
      const app = startProgram(program, words, { cwd, env });
      await Promise.race([untilAnswered(origin), app.until(/$never/)]);
      await runCli(["create-release", "v1.0"], { cwd: folder });
      const gateway = startProgram(
        process.execPath,
        [cliPath, "gateway", "--listen", "127.0.0.1:0", "--upstream", origin],
        { cwd: folder },
      );
      const [, url = ""] = await gateway.until(/The gateway is at (http:\S+),/);

      expect(await visit(`${origin}/orders`)).toMatchObject({
        status: 500,
        headers: { "x-release": "v1.0" },
      });
      for (const path of ["/", "/orders"]) {
        expect(comparable(await visit(url + path))).toEqual(comparable(await visit(origin + path)));
      }
      expect((await visit(url)).headers).not.toHaveProperty("x-release");

      await runCli(["create-release", "v1.1"], { cwd: folder });
      expect(await visit(`${url}/`)).toMatchObject({ status: 200, body: "Welcome to the shop" });
      expect(await visit(`${url}/orders`)).toMatchObject({
        status: 503,
        headers: { "x-maintenance": "deploy" },
      });
      await app.stop();
      expect(await visit(`${url}/`)).toMatchObject({ status: 503, headers: { "x-maintenance": "deploy" } });
    });
  });
});

/** Each announces in its own words that it listens; a request works for all. */
async function untilAnswered(origin: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      await visit(origin);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await pause(50);
    }
  }
}

function buildGo(): string {
  const folder = temporaryFolder();
  const target = join(folder, "shop");
  const env = { PATH: process.env["PATH"], GOCACHE: join(folder, "cache"), GO111MODULE: "off", HOME: folder };
  execFileSync("go", ["build", "-o", target, "main.go"], { cwd: join(deploy, "go"), env });
  return target;
}
