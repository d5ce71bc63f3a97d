import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createIntermission, type Intermission } from "../../src/index.ts";
import { storeListener } from "../../src/server/store-handler/index.ts";
import { memoryStore } from "../../src/stores/memory/index.ts";
import { requireBuild } from "../support/built.ts";

const readToken = "the-token-of-the-instances";
/** Milliseconds that an error may wait, with some slack for a busy machine. */
const bound = 250 + 250;

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly took: number;
}

let server: Server;
let deploy: Intermission;
let instance: ChildProcess;
let isStoreDown = false;
let errors = "";

beforeAll(async () => {
  requireBuild();
  const store = memoryStore();
  deploy = createIntermission({ store, release: "v1.0" }, { watching: false, environment: {} });
  await deploy.createRelease("v1.0", { wait: false });
  const listener = storeListener({ store, token: "the-token-of-the-deploys", readToken });
  server = createServer((request, response) => {
    if (isStoreDown) request.socket.destroy();
    else listener(request, response);
  });
  // Kept-alive connections end while the instance is frozen, as behind a load balancer.
  server.keepAliveTimeout = 300;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  instance = fork(join(import.meta.dirname, "frozen-app.js"), {
    env: {
      PATH: process.env["PATH"],
      MAINTENANCE_STORE: `http://:${readToken}@127.0.0.1:${String(port)}/`,
      MAINTENANCE_PAGE_RELEASE: "v1.0",
    },
    silent: true,
  });
  instance.stderr?.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  await once(instance, "message");
  instance.kill("SIGSTOP");
});

afterAll(async () => {
  const exited = once(instance, "exit");
  instance.kill("SIGKILL");
  await exited;
  await deploy.close();
  server.closeAllConnections();
  server.close();
});

/** Thaws the instance for one event, and freezes it after its answer. */
async function invoke(path: string): Promise<Answer> {
  const answered = once(instance, "message") as Promise<[Answer]>;
  instance.send(path);
  instance.kill("SIGCONT");
  const [answer] = await answered;
  instance.kill("SIGSTOP");
  return answer;
}

async function expectError(status: 500 | 503): Promise<void> {
  const answer = await invoke("/broken");
  expect(answer).toMatchObject({ status, retryAfter: status === 503 ? "60" : null });
  expect(answer.took).toBeLessThan(bound);
}

test("an instance that is frozen between requests is right with its first answer, at each step of a deploy", async () => {
  await expectError(500);
  await deploy.createRelease("v1.1");
  await expectError(503);
  await deploy.rollback("v1.0");
  await expectError(500);
  await deploy.createRelease("v1.2");
  await expectError(503);
  expect(await invoke("/")).toMatchObject({ status: 200, retryAfter: null });

  isStoreDown = true;
  server.closeAllConnections();
  await expectError(503);
  isStoreDown = false;

  await deploy.rollback("v1.0");
  await expectError(500);
  const { id } = await deploy.openDeploy({ release: "v1.3", lease: 60_000 });
  await expectError(503);
  await deploy.closeDeploy({ id, outcome: "failed", restore: true });
  await expectError(500);
  expect([instance.exitCode, instance.signalCode]).toEqual([null, null]);
  expect(errors).not.toMatch(/Unhandled|uncaught/i);
});
