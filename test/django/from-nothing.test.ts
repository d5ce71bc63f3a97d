import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { cliPath, temporaryFolder } from "../cli/run-cli.ts";
import { readBlocks } from "../docs/blocks.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { findFreePort } from "../servers/free-port.ts";
import { isNginxAvailable } from "../servers/nginx.ts";
import { startPostgres, type PostgresServer } from "../servers/postgres.ts";
import { isInstalled } from "../servers/proxy-process.ts";
import { startProgram } from "./program.ts";
import { django } from "./shop.ts";

const document = "docs/django.md";
const example = resolve(import.meta.dirname, "../../deploy/django");

const needed = {
  available: django.available && isNginxAvailable() && isInstalled("curl", "--version"),
  packageName: `${django.packageName} nginx curl`,
};

describeWithServer(document, needed, () => {
  let postgres: PostgresServer;
  // A second try begins from nothing as well.
  beforeEach(async () => {
    postgres = await startPostgres();
  });
  afterEach(() => postgres.stop());

  test("its commands, in their order, bring up a site, show the page, and deploy without an error", async () => {
    const root = temporaryFolder();
    const [https, http, gateway] = [await findFreePort(), await findFreePort(), await findFreePort()];
    const here = (text: string): string =>
      text
        .replaceAll(
          /(?<![\w.$-])\/(srv\/shop|etc\/shop|etc\/systemd\/system|etc\/nginx|run\/shop|tmp\/shop)/g,
          `${root}/$1`,
        )
        .replaceAll("127.0.0.1:443", `127.0.0.1:${String(https)}`)
        .replaceAll("127.0.0.1:8080", `127.0.0.1:${String(gateway)}`)
        .replaceAll("127.0.0.1:5432", `127.0.0.1:${String(postgres.port)}`)
        .replaceAll("listen 443 ssl", `listen 127.0.0.1:${String(https)} ssl`)
        .replaceAll("listen 80;", `listen 127.0.0.1:${String(http)};`);
    const PATH = prepare(root, here);
    const environment = { PATH, ROOT: root, PYTHONDONTWRITEBYTECODE: "1" };
    const asPostgres = { PGHOST: "127.0.0.1", PGPORT: String(postgres.port), PGUSER: "postgres" };
    onTestFinished(() => {
      endUnits(root);
    });

    // A terminal that waits before each block until it may go on.
    const blocks = readBlocks(document);
    const played = blocks.filter(({ check }) => check?.startsWith("played by ") === true);
    const script = played.map(
      ({ text }, index) =>
        `until [ -e "$ROOT/go-${String(index)}" ]; do sleep 0.05; done\n${here(text)}echo "done-${String(index)}"\n`,
    );
    const terminal = startProgram(
      "bash",
      ["-euo", "pipefail", "-c", `systemctl start nginx\n${script.join("")}`],
      {
        cwd: join(root, "example"),
        env: { ...environment, ...asPostgres },
      },
    );
    const play = async (index: number): Promise<string> => {
      const before = terminal.said.length;
      writeFileSync(join(root, `go-${String(index)}`), "");
      await terminal.until(new RegExp(`done-${String(index)}\\n`)).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${logsOf(root)}`, { cause: error });
      });
      return terminal.said.slice(before);
    };
    /** Plays a block, and compares what the page says that it prints. */
    const playAndCompare = async (index: number): Promise<void> => {
      const printed = await play(index);
      const text = blocks.find(
        ({ before, check }) => before === played[index] && check?.startsWith("compared by "),
      )?.text;
      for (const line of text?.trim().split("\n") ?? ["nothing to compare with"])
        expect(printed).toContain(line);
    };

    expect(played).toHaveLength(5);
    await play(0);
    await play(1);
    await playAndCompare(2);
    const visitors = startVisitors(https);
    await playAndCompare(3);
    expect(readFileSync(join(root, "tmp/shop.html"), "utf8")).toMatch(/<!doctype html>/i);
    await playAndCompare(4);
    const seen = await visitors.stop();

    const raw = seen.filter(({ status, page }) => status !== 200 && page === undefined);
    expect(raw).toEqual([]);
    const pages = seen.filter(({ page }) => page !== undefined);
    expect(pages.length).toBeGreaterThan(0);
    expect(
      new Set(pages.map(({ path, status, page }) => `${path} ${String(status)} ${String(page)}`)),
    ).toEqual(new Set(["/orders/ 503 deploy"]));
  }, 180_000);
});

/** The folder tree with the example in it, and the programs of a Debian machine. Returns the PATH. */
function prepare(root: string, here: (text: string) => string): string {
  for (const folder of ["etc/systemd/system", "etc/nginx/conf.d", "tmp", "bin", "nginx"])
    mkdirSync(join(root, folder), { recursive: true });
  cpSync(example, join(root, "example"), {
    recursive: true,
    filter: (path) => !path.endsWith("__pycache__"),
  });
  for (const name of readdirSync(join(root, "example/server"))) {
    const file = join(root, "example/server", name);
    writeFileSync(file, here(readFileSync(file, "utf8")));
  }
  const systemctl = resolve(import.meta.dirname, "python/systemctl.py");
  const programs = {
    systemctl: `exec /usr/bin/python3 ${systemctl} "$@"`,
    intermission: `exec ${process.execPath} ${cliPath} "$@"`,
    runuser: `test "$1 $2 $3" = "-u postgres --" && shift 3 && exec "$@"`,
    "systemd-notify": `exec /usr/bin/python3 -c 'import os, socket, sys; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(sys.argv[1].encode(), os.environ["NOTIFY_SOCKET"])' "$@"`,
  };
  for (const [name, line] of Object.entries(programs)) {
    writeFileSync(join(root, "bin", name), `#!/bin/sh\n${line}\n`);
    chmodSync(join(root, "bin", name), 0o755);
  }
  // Debian's nginx runs from the start.
  const nginx = join(root, "nginx");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  writeFileSync(
    join(nginx, "nginx.conf"),
    [
      ...(process.getuid?.() === 0 ? ["user root;"] : []),
      `daemon off; worker_processes 1; pid ${nginx}/pid; error_log ${nginx}/error.log;`,
      "events {}",
      "http { access_log off;",
      ...temporary.map((name) => `${name}_temp_path ${join(nginx, name)};`),
      `include ${root}/etc/nginx/conf.d/*.conf; }`,
    ].join("\n"),
  );
  writeFileSync(
    join(root, "etc/systemd/system/nginx.service"),
    `[Service]\nExecStart=nginx -p ${nginx} -e ${nginx}/error.log -c ${nginx}/nginx.conf\n`,
  );
  // The system's own Python comes first: it has Django.
  return `${join(root, "bin")}:/usr/bin:/bin:/usr/sbin:/sbin:${process.env["PATH"] ?? ""}`;
}

interface Seen {
  readonly path: string;
  readonly status: number;
  /** The header X-Maintenance. */
  readonly page: string | undefined;
}

/** Two who ask for one path after another, until they are stopped. */
function startVisitors(port: number): { stop(): Promise<readonly Seen[]> } {
  const seen: Seen[] = [];
  let isOver = false as boolean;
  const ask = (path: string): Promise<Seen> =>
    new Promise((resolve) => {
      const asked = request(
        {
          host: "127.0.0.1",
          port,
          path,
          headers: { host: "shop.example" },
          rejectUnauthorized: false,
          agent: false,
        },
        (answer) => {
          answer.resume();
          const page = answer.headers["x-maintenance"];
          answer.on("end", () => {
            resolve({ path, status: answer.statusCode ?? 0, page: page === undefined ? page : String(page) });
          });
        },
      );
      asked.on("error", () => {
        resolve({ path, status: 0, page: undefined });
      });
      asked.end();
    });
  const visits = ["/", "/orders/"].map(async (path) => {
    while (!isOver) seen.push(await ask(path));
  });
  return {
    async stop() {
      isOver = true;
      await Promise.all(visits);
      return seen;
    },
  };
}

function filesOf(root: string, kind: string): readonly string[] {
  return readdirSync(join(root, "units"))
    .filter((name) => name.endsWith(kind))
    .map((name) => join(root, "units", name));
}

function logsOf(root: string): string {
  return filesOf(root, ".log")
    .map((file) => `${file}:\n${readFileSync(file, "utf8").slice(-3000)}`)
    .join("\n");
}

/** Each unit is the leader of its session. */
function endUnits(root: string): void {
  for (const file of filesOf(root, ".pid")) {
    try {
      process.kill(-Number(readFileSync(file, "utf8")), "SIGKILL");
    } catch {
      // It has ended.
    }
  }
}
