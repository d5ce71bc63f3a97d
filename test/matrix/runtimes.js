/*
 * One Fetch app in every runtime: packs the package, installs it next to Hono, starts the app in Node, Bun,
 * Deno and workerd (the runtime of Cloudflare Workers), checks each against the truth table and writes their
 * table in docs/compatibility.md.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { cache, installInEmpty, installNode, npmInstall, pack, writeTable } from "./nodes.js";
import { checkTruths } from "./runtimes/truths.js";

const root = resolve(import.meta.dirname, "../..");
const consumer = join(cache, "runtimes");

const apps = { fetch: "Fetch handler", hono: "Hono" };

/** Where the packages are. */
async function install(name, ...packages) {
  return join(await npmInstall(name, ...packages), "node_modules");
}

async function versionOf(modules, name) {
  return JSON.parse(await readFile(join(modules, name, "package.json"), "utf8")).version;
}

/** A runtime that is a program: it serves the app in its own process. */
function program(title, path, parameters = []) {
  return {
    title,
    async start(app, store) {
      const child = spawn(path, [...parameters, "serve.js", app, store], {
        cwd: consumer,
        env: { PATH: process.env.PATH, HOME: consumer, DENO_NO_UPDATE_CHECK: "1" },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let errors = "";
      child.stderr.on("data", (chunk) => (errors += chunk));
      const exited = once(child, "exit");
      const [port] = await Promise.race([
        once(createInterface(child.stdout), "line"),
        exited.then(() => Promise.reject(new Error(`It ended before it listened: ${errors}`))),
      ]);
      return {
        address: `http://127.0.0.1:${port}`,
        async stop() {
          child.kill("SIGKILL");
          await exited;
        },
      };
    },
  };
}

async function nodeMajor(major) {
  const { version, path } = await installNode(major);
  return program(`Node ${version.slice(1)}`, path);
}

async function bun() {
  const modules = await install("bun", "bun@1.4.5");
  return program(`Bun ${await versionOf(modules, "bun")}`, join(modules, ".bin/bun"));
}

async function deno() {
  const modules = await install("deno", "deno@2.9.6");
  const parameters = ["run", "--quiet", "--allow-net=127.0.0.1", "--allow-env", "--node-modules-dir=manual"];
  return program(`Deno ${await versionOf(modules, "deno")}`, join(modules, ".bin/deno"), parameters);
}

/** The app, bundled like Wrangler does and run by the real workerd. */
async function workers() {
  const modules = await install("miniflare", "miniflare@4.20260426.0", "esbuild@0.27.3");
  const load = (path) => import(pathToFileURL(join(modules, path)).href);
  const [{ Miniflare }, { build }] = [
    (await load("miniflare/dist/src/index.js")).default,
    (await load("esbuild/lib/main.js")).default,
  ];
  const workerd = await versionOf(modules, "workerd");
  return {
    title: `Cloudflare Workers (workerd ${workerd})`,
    async start(app, store) {
      const outfile = join(consumer, "worker.bundle.js");
      await build({
        absWorkingDir: consumer,
        entryPoints: ["worker.js"],
        outfile,
        bundle: true,
        format: "esm",
        target: "es2022",
        conditions: ["workerd", "worker", "browser"],
        external: ["cloudflare:*"],
        logLevel: "error",
      });
      const worker = new Miniflare({
        host: "127.0.0.1",
        port: 0,
        modules: [{ type: "ESModule", path: outfile }],
        modulesRoot: consumer,
        compatibilityDate: "2026-04-01",
        // No flags: nothing of Node is available.
        bindings: { APP: app, STORE: store },
      });
      const address = (await worker.ready).href.replace(/\/$/, "");
      return { address, stop: () => worker.dispose() };
    },
  };
}

/** A store at an address, and how to turn it off. */
async function startStore(store) {
  const { storeListener } = await import(distribution("server/store-handler/index.js"));
  let isDown = false;
  const readToken = "the-token-of-the-instances";
  const listener = storeListener({ store, token: "the-token-of-the-deploys", readToken });
  const server = createServer((request, response) => {
    if (isDown) response.writeHead(500).end();
    else listener(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `http://:${readToken}@127.0.0.1:${server.address().port}`,
    begin: () => (isDown = true),
    end: () => (isDown = false),
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function distribution(file) {
  return pathToFileURL(join(root, "dist", file)).href;
}

/** undefined: every answer was right. Else what was wrong. */
async function check(runtime, app) {
  const { createIntermission, memoryStore } = await import(distribution("index.js"));
  const store = memoryStore();
  const served = await startStore(store);
  const deploy = createIntermission({ store, release: "v1.0" }, { watching: false, environment: {} });
  let site;
  try {
    site = await runtime.start(app, served.address);
    await checkTruths(site.address, deploy, served);
    return undefined;
  } catch (error) {
    return error.message;
  } finally {
    await site?.stop();
    await deploy.close();
    served.stop();
  }
}

const tarball = await pack();
await installInEmpty("runtimes", tarball, "hono@4", "@hono/node-server@2");
await cp(join(import.meta.dirname, "runtimes"), consumer, { recursive: true });

const only = process.argv[2];
const all = {
  node20: () => nodeMajor(20),
  node22: () => nodeMajor(22),
  node24: () => nodeMajor(24),
  node26: () => nodeMajor(26),
  bun,
  deno,
  workers,
};

const lines = [];
const failures = [];
for (const [name, prepare] of Object.entries(all)) {
  if (only !== undefined && name !== only) continue;
  const runtime = await prepare();
  const cells = [];
  for (const app of Object.keys(apps)) {
    const failure = await check(runtime, app);
    if (failure !== undefined) failures.push(`${apps[app]} in ${runtime.title}: ${failure}`);
    cells.push(failure === undefined ? "works" : "**fails**");
  }
  lines.push([runtime.title, ...cells]);
  console.log(lines.at(-1).join(" | "));
}

if (only === undefined) await writeTable("runtimes", ["", ...Object.values(apps)], lines);
for (const failure of failures) console.error(failure);
process.exitCode = failures.length === 0 ? 0 : 1;
