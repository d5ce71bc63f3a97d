import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, onTestFinished, test } from "vitest";
import { listen, visit } from "../support/http.ts";
import { dpkgIn } from "./debian.ts";

const root = join(import.meta.dirname, "../..");
const { binary, deb } = inject("built");
const place = mkdtempSync(join(tmpdir(), "intermission-binary-test-"));
let folder: string;

beforeAll(() => {
  mkdirSync(join(place, "bin"));
  symlinkSync("/bin/sh", join(place, "bin/sh"));
});
afterAll(() => {
  rmSync(place, { recursive: true });
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "intermission-binary-run-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Its path has a shell, and no Node. */
function environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: join(place, "bin"), HOME: folder, MAINTENANCE_STORE: "sqlite:state.db", ...more };
}

interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(words: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const child = spawn(binary, words, { cwd: folder, env: environment(more) });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [status] = (await once(child, "close")) as [number];
  return { status, stdout, stderr };
}

test("records a release, tells the state and runs a deploy, in a folder without anything", async () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly version: string;
  };
  expect((await run(["version"])).stdout.trim()).toBe(version);
  expect(await run(["create-release", "v1.0"])).toMatchObject({ status: 0, stderr: "" });
  const { status, stderr } = await run(["deploy", "v1.1", "--", "sh", "-c", "exit 3"]);
  expect([status, stderr]).toEqual([3, expect.stringContaining("v1.1")]);
  const state = await run(["status", "--json"], { MAINTENANCE_PAGE_RELEASE: "v1.0" });
  expect(JSON.parse(state.stdout)).toMatchObject({ currentRelease: "v1.1", verdict: "maintenance" });
  expect((await run(["page", "export", "pages"])).status).toBe(0);
  expect(readdirSync(join(folder, "pages"))).toContain("de.html");
});

test.each([
  ["redis://127.0.0.1:1"],
  ["redis+cluster://127.0.0.1:1"],
  ["postgres://user:pass@127.0.0.1:1/app"],
  ["mysql://user:pass@127.0.0.1:1/app"],
  ["nats://127.0.0.1:1"],
  ["etcd://127.0.0.1:1"],
])("has the client of %s inside", async (url) => {
  const { status, stderr } = await run(["status", "--store", url]);
  expect([status, stderr]).toEqual([1, expect.stringMatching(/ECONNREFUSED|refused|not connected/i)]);
});

test("loads a store module from its folder", async () => {
  writeFileSync(
    join(folder, "store.mjs"),
    `import { setTimeout } from "node:timers/promises";
     export default { read: async () => ({ version: 0 }), write: async () => true, close: () => setTimeout(1) };`,
  );
  const { status, stdout } = await run(["status"], { MAINTENANCE_STORE: "./store.mjs" });
  expect([status, stdout]).toEqual([0, expect.stringContaining("store.mjs")]);
});

test("says what it does not have", async () => {
  expect(await run(["demo"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("npx intermission demo") as string,
  });
});

test.each([["1"], ["2"]])(
  "is a gateway with %s workers, and shows the page while releases differ",
  async (workers) => {
    await run(["create-release", "v1.0"]);
    const app = await listen(
      createServer((request, response) => {
        response.writeHead(request.url === "/" ? 200 : 500, { "x-release": "v1.0" }).end("from the app");
      }),
    );
    onTestFinished(() => app.close());
    const child = spawn(
      binary,
      ["gateway", "--listen", "127.0.0.1:0", "--workers", workers, "--upstream", app.url],
      { cwd: folder, env: environment(), stdio: ["ignore", "ignore", "pipe"] },
    );
    const ended = once(child, "exit");
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    while (!said.includes("The gateway is at")) await once(child.stderr, "data");
    const url = /https?:\/\/[\d.:]+/.exec(said)?.[0] ?? "";

    expect(await visit(`${url}/orders`)).toMatchObject({ status: 500, body: "from the app" });
    await run(["create-release", "v1.1"]);
    const page = await visit(`${url}/orders`, { headers: { accept: "text/html" } });
    expect([page.status, page.body]).toEqual([503, expect.stringContaining("<!doctype html>")]);
    expect(await visit(url)).toMatchObject({ status: 200, body: "from the app" });
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  },
);

test("the package depends on the packages of every library that the binary loads", () => {
  const libraries = [...execFileSync("ldd", [binary], { encoding: "utf8" }).matchAll(/=> (\S+)/g)].map(
    ([, path = ""]) => `*/${basename(realpathSync(path))}`,
  );
  const owners = execFileSync("dpkg-query", ["--search", ...libraries], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.split(":", 1)[0]);
  const depends = execFileSync("dpkg-deb", ["--field", deb, "Depends"], { encoding: "utf8" });
  expect(libraries.length).toBeGreaterThan(4);
  expect(depends.trim().split(", ")).toEqual([...new Set(owners)].sort());
});

test("is a Debian package that comes and goes, with its units", () => {
  const target = join(folder, "root");
  const dpkg = dpkgIn(target);
  dpkg("--install", deb);
  const installed = join(target, "usr/bin/intermission");
  expect(execFileSync(installed, ["help"], { encoding: "utf8", env: {} })).toContain("create-release");
  for (const [unit, option] of [
    ["gateway", "GATEWAY"],
    ["serve", "SERVE"],
  ] as const) {
    const text = readFileSync(join(target, `usr/lib/systemd/system/intermission-${unit}.service`), "utf8");
    expect(text).toContain(`ExecStart=/usr/bin/intermission ${unit} $${option}\n`);
    expect(readFileSync(join(target, "etc/default/intermission"), "utf8")).toContain(`\n${option}=\n`);
  }
  dpkg("--purge", "intermission");
  expect(existsSync(installed)).toBe(false);
  expect(existsSync(join(target, "etc/default/intermission"))).toBe(false);
});
