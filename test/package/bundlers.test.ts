import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, mkdirSync, cpSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { nodeFileTrace } from "@vercel/nft";
import { build as esbuild } from "esbuild";
import webpack from "webpack";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { createIntermission } from "../../src/engine/create.ts";
import { findFreePort } from "../servers/free-port.ts";
import { visit } from "../support/http.ts";
import { lend, pack, type Consumer, type Packed } from "./packed.ts";

/*
 * What packers of servers and functions make of the package, with none of the stores' clients installed.
 */

const server = `
  import { createServer } from "node:http";
  import { maintenancePage } from "intermission/node";
  const page = maintenancePage((request, response) => {
    response.writeHead(request.url === "/orders" ? 500 : 200).end("from the app");
  });
  createServer(page).listen(Number(process.env.PORT), "127.0.0.1");
`;

let packed: Packed;
let consumer: Consumer;
beforeAll(async () => {
  packed = await pack();
  consumer = await packed.consumer({ "server.mjs": server, "nitro.mjs": 'import "intermission/nitro";' });
});
afterAll(() => {
  packed.remove();
});

/** Starts the packed server alone in a folder with libsql, and takes it through a deploy. */
async function expectDeploy(file: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "intermission-bundled-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  cpSync(dirname(file), folder, { recursive: true });
  lend({ ...consumer, folder }, "libsql");
  const store = `sqlite:${join(folder, "state.db")}`;
  const deploy = createIntermission({ store, release: "v1.0" }, { watching: false });
  onTestFinished(() => deploy.close());
  await deploy.createRelease("v1.0", { wait: false });
  const port = String(await findFreePort());
  const child = spawn(process.execPath, [join(folder, file.slice(dirname(file).length))], {
    cwd: folder,
    env: { PORT: port, MAINTENANCE_STORE: store, MAINTENANCE_PAGE_RELEASE: "v1.0" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  const url = `http://127.0.0.1:${port}`;
  const statusOf = async (path: string): Promise<number> => (await visit(url + path)).status;
  await vi.waitFor(async () => expect(await statusOf("/orders")).toBe(500), {
    timeout: 20_000,
    interval: 100,
  });
  await deploy.createRelease("v1.1", { wait: false });
  await vi.waitFor(async () => expect(await statusOf("/orders")).toBe(503), {
    timeout: 20_000,
    interval: 100,
  });
  expect(await statusOf("/")).toBe(200);
}

test.each(["module", "commonjs"] as const)(
  "webpack bundles a server (%s) without a warning",
  async (kind) => {
    const filename = kind === "module" ? "server.mjs" : "server.cjs";
    const path = join(consumer.folder, `webpack-${kind}`);
    const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
      webpack(
        {
          mode: "production",
          target: "node20",
          context: consumer.folder,
          entry: "./server.mjs",
          output: { path, filename, ...(kind === "module" ? { library: { type: "module" } } : {}) },
          experiments: { outputModule: kind === "module" },
          // It took most of the time.
          optimization: { minimize: false },
        },
        (error, found) => {
          if (error === null) resolve(found);
          else reject(error);
        },
      );
    });
    const { errors, warnings } = stats?.toJson({ all: false, errors: true, warnings: true }) ?? {};
    expect({ errors, warnings }).toEqual({ errors: [], warnings: [] });
    await expectDeploy(join(path, filename));
  },
);

test.each(["esm", "cjs"] as const)(
  "esbuild bundles a function (%s), as AWS SAM and Serverless do",
  async (format) => {
    const outfile = join(
      consumer.folder,
      `esbuild-${format}`,
      format === "esm" ? "server.mjs" : "server.cjs",
    );
    const { warnings } = await esbuild({
      absWorkingDir: consumer.folder,
      entryPoints: ["server.mjs"],
      bundle: true,
      platform: "node",
      target: "node20",
      format,
      outfile,
      logLevel: "silent",
    });
    expect(warnings).toEqual([]);
    await expectDeploy(outfile);
  },
);

test("a trace of an app with Nitro's adapter has auto and the command line with it", async () => {
  const { fileList } = await nodeFileTrace([join(consumer.folder, "nitro.mjs")], { base: consumer.folder });
  const image = join(consumer.folder, "image");
  for (const file of fileList) {
    mkdirSync(dirname(join(image, file)), { recursive: true });
    cpSync(join(consumer.folder, file), join(image, file));
  }
  lend({ ...consumer, folder: image }, "libsql");
  writeFileSync(join(image, "hello.mjs"), "console.log('started');");
  const node = async (...words: readonly string[]): Promise<unknown> => {
    const child = spawn(process.execPath, words, { cwd: image, env: {}, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, "close")) as [number | null];
    return { code, output };
  };
  expect(existsSync(join(image, "node_modules/intermission/package.json"))).toBe(true);
  const program = "node_modules/intermission/dist/cli/main.js";
  expect(await node(program, "create-release", "v1.0", "--no-wait")).toMatchObject({ code: 0 });
  expect(await node(program, "status")).toMatchObject({ code: 0 });
  expect(await node("--import", "intermission/auto", "hello.mjs")).toEqual({ code: 0, output: "started\n" });
});
