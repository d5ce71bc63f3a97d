import { execFile, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { startSystemd, type Systemd } from "../cli/systemd.ts";
import { readBlocks } from "../docs/blocks.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { findFreePort } from "../servers/free-port.ts";
import { listen, visit } from "../support/http.ts";
import { dpkgIn } from "./debian.ts";

/*
 * The units of the Debian package, run from where it is installed. This machine's own folders stay as they are:
 * the paths in the units are put below `target`.
 */

let target: string;
let installed: string;
const units = "usr/lib/systemd/system";
const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

beforeAll(() => {
  target = mkdtempSync(join(tmpdir(), "intermission-units-"));
  chmodSync(target, 0o755);
  dpkgIn(target)("--install", inject("built").deb);
  installed = join(target, "usr/bin/intermission");
});
afterAll(() => {
  rmSync(target, { recursive: true });
});

const unit = (name: string): string => readFileSync(join(target, units, `${name}.service`), "utf8");

const below = (text: string): string =>
  text.replace(
    /(?<=[\s=:])\/(?=usr\/bin\/intermission|etc\/default|var\/lib\/intermission|run\/)/g,
    `${target}/`,
  );

interface Service {
  readonly systemd: Systemd;
  /** The folders of the unit, which belong to its user. */
  readonly state: string;
  readonly runtime: string;
}

/**
 * What `systemctl start` does with an installed unit.
 *
 * @param options What the administrator writes into /etc/default/intermission.
 */
function start(name: string, options: Readonly<Record<string, string>>): Service {
  const service = unit(name);
  const [state, runtime] = [join(target, "var/lib/intermission"), join(target, "run/intermission")];
  for (const folder of [state, runtime]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    if (isRoot) chownSync(folder, nobody, nobody);
  }
  const settings = join(target, "etc/default/intermission");
  const shipped = readFileSync(settings, "utf8");
  onTestFinished(() => {
    writeFileSync(settings, shipped);
  });
  const written = Object.entries(options).reduce(
    (text, [key, value]) => text.replace(`\n${key}=\n`, () => `\n${key}=${value}\n`),
    below(shipped),
  );
  writeFileSync(settings, written);
  // DynamicUser and AmbientCapabilities.
  const ids = `--reuid ${String(nobody)} --regid ${String(nobody)} --clear-groups`;
  const capabilities = service.includes("AmbientCapabilities=CAP_NET_BIND_SERVICE")
    ? "--inh-caps +net_bind_service --ambient-caps +net_bind_service"
    : "";
  const asUser = isRoot ? `ExecStart=/usr/bin/setpriv ${ids} ${capabilities} ` : "ExecStart=";
  const systemd = startSystemd({ service: below(service).replace("ExecStart=", asUser), path: "/nowhere" });
  return { systemd, state, runtime };
}

describe("the units of the Debian package", () => {
  test("run as one user, who owns what they share", () => {
    const valuesOf = (name: string): readonly string[] =>
      ["DynamicUser", "User", "StateDirectory"].map(
        (key) => new RegExp(`^${key}=(.*)$`, "m").exec(unit(name))?.[1] ?? "",
      );
    expect(valuesOf("intermission-gateway")).toEqual(["yes", "intermission", "intermission"]);
    expect(valuesOf("intermission-serve")).toEqual(valuesOf("intermission-gateway"));
  });

  test("intermission-gateway says when it is ready, shows the page in a deploy that root records, and is reloaded and restarted", async () => {
    const app = await listen(
      createServer((request, response) => {
        response.writeHead(request.url === "/" ? 200 : 500, { "x-release": "v1.0" }).end("from the app");
      }),
    );
    onTestFinished(() => app.close());
    const upstreams = join(target, "upstreams");
    writeFileSync(upstreams, `${app.url}\n`);
    const port = await findFreePort();
    const options = `--upstreams ${upstreams} --listen 127.0.0.1:${String(port)}`;
    const { systemd, state } = start("intermission-gateway", { GATEWAY: options });
    await systemd.until("ready 1");
    const url = `http://127.0.0.1:${String(port)}`;
    const ask = async (path: string): Promise<readonly [number, boolean]> => {
      const { status, body } = await visit(`${url}${path}`, { headers: { accept: "text/html" } });
      return [status, body.includes("<!doctype html>")];
    };
    expect(await ask("/orders")).toEqual([500, false]);

    const [command = ""] = readBlocks("deploy/debian/README.md")
      .filter(({ check }) => check?.endsWith("test/binary/units.test.ts"))
      .map(({ text }) => text.trim());
    expect(command).toMatch(/^sudo intermission create-release v1\.1 /);
    const record = async (release: string): Promise<void> => {
      const [, , ...words] = below(command.replace("v1.1", release)).split(" ");
      await promisify(execFile)(installed, words, { cwd: target, env: {} });
    };
    await record("v1.0");
    expect(existsSync(join(state, "state.db"))).toBe(true);
    expect(await ask("/orders")).toEqual([500, false]);
    await record("v1.1");
    expect(await ask("/orders")).toEqual([503, true]);

    // Visitors meanwhile.
    const answers: (readonly [number, boolean])[] = [];
    let isOver = false as boolean;
    const visiting = [1, 2].map(async () => {
      while (!isOver) answers.push(await ask("/"));
    });
    writeFileSync(upstreams, `# again\n${app.url}\n`);
    systemd.reload();
    const seen = answers.length;
    while (answers.length < seen + 20) await visit(url);
    isOver = true;
    await Promise.all(visiting);
    expect(new Set(answers.map(([status]) => status))).toEqual(new Set([200]));

    systemd.restart();
    await systemd.until("ready 2");
    expect(systemd.said()).toContain("ended 0");
    expect(await ask("/orders")).toEqual([503, true]);
  });

  test.runIf(isRoot)("intermission-gateway may listen at a port below 1024", async () => {
    const { systemd } = start("intermission-gateway", {
      GATEWAY: "--upstream http://127.0.0.1:1 --listen 127.83.12.1:81",
    });
    await systemd.until("ready 1");
    expect((await visit("http://127.83.12.1:81/")).status).toBe(502);
  });

  test("intermission-serve publishes what every user may read, and ends with its unit", async () => {
    const [port, control] = [await findFreePort(), await findFreePort()];
    const options = `--publish ${join(target, "run/intermission")} --listen 127.0.0.1:${String(port)} --control 127.0.0.1:${String(control)}`;
    const { systemd, runtime } = start("intermission-serve", { SERVE: options });
    const healthy = async (): Promise<boolean> =>
      visit(`http://127.0.0.1:${String(control)}/healthz`).then(
        ({ status }) => status === 200,
        () => false,
      );
    while (!(await healthy())) await new Promise((resume) => setTimeout(resume, 50));
    const listing = spawnSync("ls", ["-R", runtime], { encoding: "utf8", ...(isRoot && { uid: 65_533 }) });
    expect([listing.status, listing.stdout]).toEqual([0, expect.stringContaining(".html")]);
    systemd.restart();
    await systemd.until("ended");
    expect(systemd.said()).toContain("ended 0");
  });
});

const analyze = spawnSync("systemd-analyze", ["--version"]);

describeWithServer("systemd-analyze", { available: analyze.status === 0, packageName: "systemd" }, () => {
  test("finds nothing wrong with the units, and would find a mistake", () => {
    const verify = (): string => {
      const names = ["intermission-gateway", "intermission-serve"].map((name) => `${name}.service`);
      return spawnSync("systemd-analyze", ["verify", "--man=no", `--root=${target}`, ...names], {
        encoding: "utf8",
      }).stderr;
    };
    // Of the rest of a system.
    for (const name of ["sysinit", "basic", "shutdown", "network", "multi-user"])
      writeFileSync(join(target, units, `${name}.target`), "[Unit]\nDescription=A target\n");
    mkdirSync(join(target, "bin"), { recursive: true });
    copyFileSync("/bin/kill", join(target, "bin/kill"));
    expect(verify()).toBe("");
    const file = join(target, units, "intermission-serve.service");
    writeFileSync(file, unit("intermission-serve").replace("StateDirectory", "StateDirectry"));
    expect(verify()).toContain("Unknown key 'StateDirectry'");
  });
});
