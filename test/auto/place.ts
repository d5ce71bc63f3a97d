import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { ClientHttp2Session } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll } from "vitest";
import { createIntermission } from "../../src/index.ts";
import { built } from "../support/built.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const auto = pathToFileURL(built("auto/index.js")).href;
const server = join(root, "test/auto/server.js");

interface Started {
  readonly child: ChildProcess;
  /** Its stderr so far. */
  readonly said: () => string;
  readonly port: number;
}

export interface AutoPlace {
  readonly folder: () => string;
  /** The URL of a store in which v1.1 is current. */
  readonly store: () => string;
  readonly endAfterwards: (child: ChildProcess) => void;
  /** A server of a protocol, without any code of Intermission, by default on release v1.0. */
  readonly start: (protocol: string, environment?: Readonly<Record<string, string>>) => Promise<Started>;
}

/** For a whole test file: a folder and a store, removed at its end, and servers that end with each test. */
export function autoPlace(): AutoPlace {
  const children: ChildProcess[] = [];
  let folder = "";
  let store = "";

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "intermission-auto-"));
    store = `sqlite:${join(folder, "state.db")}`;
    const intermission = createIntermission({ store, release: "v1.1" }, { environment: {}, watching: false });
    await intermission.createRelease("v1.1", { wait: false });
    await intermission.close();
  });
  afterEach(async () => {
    await Promise.all(
      children.splice(0).map(async (child) => {
        if (child.exitCode !== null) return;
        const ended = once(child, "exit");
        child.kill("SIGKILL");
        await ended;
      }),
    );
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  return {
    folder: () => folder,
    store: () => store,
    endAfterwards: (child) => {
      children.push(child);
    },
    async start(protocol, environment = {}) {
      const child = fork(server, [protocol], {
        cwd: root,
        execArgv: ["--import", auto],
        env: {
          PATH: process.env["PATH"] ?? "",
          MAINTENANCE_STORE: store,
          MAINTENANCE_PAGE_RELEASE: "v1.0",
          ...environment,
        },
        stdio: "pipe",
      });
      children.push(child);
      let stderr = "";
      child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
      const port = await new Promise<number>((resolve, reject) => {
        child.once("message", (message) => {
          resolve(message as number);
        });
        child.once("exit", () => {
          reject(new Error(stderr));
        });
      });
      return { child, port, said: () => stderr };
    },
  };
}

export async function statusOf(session: ClientHttp2Session, path: string): Promise<number | undefined> {
  const stream = session.request({ ":path": path });
  const [headers] = (await once(stream, "response")) as [{ readonly ":status"?: number }];
  stream.resume();
  await once(stream, "end");
  return headers[":status"];
}
