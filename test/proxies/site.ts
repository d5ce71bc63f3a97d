import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { RequestOptions } from "node:http";
import { createIntermission } from "../../src/engine/create.ts";
import type { Intermission } from "../../src/core/intermission.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { cliPath } from "../cli/run-cli.ts";
import { findFreePort } from "../servers/free-port.ts";
import type { ProxyProcess } from "../servers/proxy-process.ts";
import { visit, type Answer } from "../support/http.ts";
import { startApp, type App } from "./app.ts";

export const recipes = resolve(import.meta.dirname, "../../deploy");

/** What a recipe's proxy needs to find the others. */
export interface Place {
  readonly folder: string;
  /** Loopback ports of the proxy itself, of the app, and both of `serve`. */
  readonly port: number;
  readonly app: number;
  readonly errors: number;
  readonly control: number;
  /** Where `serve` publishes its files. */
  readonly published: string;
}

/** `intermission serve` as a process. */
export interface Serve {
  signal(name: NodeJS.Signals): void;
  /** Ends it by a signal, and waits. */
  end(name: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
}

/** A proxy with an app behind it, and `serve` beside it. */
export interface Site {
  readonly place: Place;
  readonly app: App;
  readonly serve: Serve;
  readonly proxy: ProxyProcess;
  /** Writes to the store like a deploy. */
  readonly operations: Intermission;
  readonly storeFile: string;
  visit(path: string, options?: RequestOptions & { readonly body?: string }): Promise<Answer>;
  close(): Promise<void>;
}

/**
 * A recipe's file as shipped, with this test's addresses and folders, and a second instead of the half minute
 * that it gives the app. Nothing else is changed.
 */
export function readRecipe(file: string, { folder, port, app, errors, control, published }: Place): string {
  const address = (number: number): string => `127.0.0.1:${String(number)}`;
  return (
    readFileSync(join(recipes, file), "utf8")
      .replaceAll("127.0.0.1:8080", address(port))
      .replaceAll("127.0.0.1:3000", address(app))
      .replaceAll("127.0.0.1:9200", address(errors))
      .replaceAll("127.0.0.1:9201", address(control))
      .replaceAll("/run/intermission", published)
      .replaceAll(/\/etc\/[a-z0-9]+\/intermission/g, folder)
      .replaceAll(/\b30s\b/g, "1s")
      // Caddy's JSON counts nanoseconds.
      .replaceAll(/\b30000000000\b/g, "1000000000")
  );
}

/** @param start Starts the proxy on its port. */
export async function startSite(start: (place: Place) => Promise<ProxyProcess>): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "intermission-proxy-"));
  // Proxies whose workers run as another user must be able to read it.
  chmodSync(folder, 0o755);
  const undo: (() => Promise<void> | void)[] = [
    () => {
      rmSync(folder, { recursive: true, force: true });
    },
  ];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const app = await startApp();
    undo.push(() => app.close());
    const place: Place = {
      folder,
      port: await findFreePort(),
      app: app.port,
      errors: await findFreePort(),
      control: await findFreePort(),
      published: join(folder, "published"),
    };
    const storeFolder = join(folder, "store");
    mkdirSync(storeFolder);
    const storeFile = join(storeFolder, "state.db");
    const store = sqliteStore({ path: storeFile });
    const operations = createIntermission(
      { store, refreshEvery: 0, logger: { warn: () => {}, error: () => {} } },
      { environment: {} },
    );
    undo.push(async () => {
      await operations.close();
      await store.close();
    });
    const serve = createServe(place, storeFile);
    undo.push(() => serve.end("SIGKILL"));
    await operations.createRelease("v1.0", { wait: false });
    await serve.start();
    const proxy = await start(place);
    undo.push(() => proxy.stop());
    return {
      ...{ place, app, serve, proxy, operations, storeFile, close },
      visit: (path, options) => visit(`http://127.0.0.1:${String(place.port)}${path}`, options),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function createServe({ folder, errors, control, published }: Place, storeFile: string): Serve {
  let child: ChildProcess | undefined;
  return {
    signal(name) {
      child?.kill(name);
    },
    async end(name) {
      if (child?.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill(name);
      await ended;
    },
    async start() {
      const addresses = ["--listen", String(errors), "--control", String(control), "--publish", published];
      const started = spawn(
        process.execPath,
        [cliPath, "serve", ...addresses, "--store", `sqlite:${storeFile}`, "--json"],
        {
          cwd: folder,
          env: {
            PATH: process.env["PATH"],
            MAINTENANCE_EXEMPT: "/exempt/*",
            MAINTENANCE_KEEP_HEADERS: "X-Tenant",
          },
          stdio: ["ignore", "pipe", "ignore"],
        },
      );
      child = started;
      const ready = once(started.stdout, "data");
      const ended = once(started, "exit").then(() => {
        throw new Error("serve ended");
      });
      await Promise.race([ready, ended]);
      ended.catch(() => {});
    },
  };
}
