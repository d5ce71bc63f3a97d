import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach } from "vitest";
import type { ReportStore, Store } from "../../src/core/ports.ts";
import { createIntermission } from "../../src/engine/create.ts";
import { encodeReport } from "../../src/reports/report.ts";
import {
  startConsole,
  type ConsoleServer,
  type ConsoleServerOptions,
} from "../../src/server/console/index.ts";
import { memoryStore } from "../../src/stores/memory/index.ts";

export const token = "a-token-that-nobody-guesses";
export const readToken = "another-one-for-those-who-look";

/** The current test's store, with two releases, and how often it was read. */
export let store: Store;
export let reads: number;
/** How often the reports were read. */
export let lists: number;
export const closings: (() => Promise<void>)[] = [];

beforeEach(async () => {
  const inner = memoryStore();
  reads = lists = 0;
  store = {
    ...inner,
    read: (...parameters) => {
      reads++;
      return inner.read(...parameters);
    },
    ...(inner.reports === undefined ? {} : { reports: counted(inner.reports) }),
  };
  const intermission = createIntermission(
    { store, logger: { warn() {}, error() {} } },
    { environment: {}, watching: false, by: "deploy@runner" },
  );
  await intermission.createRelease("v1.0", { wait: false });
  await intermission.createRelease("v1.1", { wait: false });
  await intermission.close();
});
afterEach(async () => {
  await Promise.all(closings.splice(0).map((close) => close()));
});

function counted(reports: ReportStore): ReportStore {
  return {
    ...reports,
    list: (...parameters) => {
      lists++;
      return reports.list(...parameters);
    },
  };
}

export async function start(options: Partial<ConsoleServerOptions> = {}): Promise<ConsoleServer> {
  const running = await startConsole({
    ...{ store, app: "default", listen: { host: "127.0.0.1", port: 0 }, readOnly: false, token, readToken },
    ...{ hosts: [], environment: {} },
    ...options,
  });
  closings.push(() => running.close());
  return running;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export async function ask(
  { url }: Pick<ConsoleServer, "url">,
  path: string,
  { method = "GET", body, ...headers }: Readonly<Record<string, string | undefined>> = {},
): Promise<Answer> {
  const sent = request(new URL(path, url), {
    method,
    headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)),
  });
  sent.end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}

export const bearer = { authorization: `Bearer ${token}` };
export const form = { "content-type": "application/x-www-form-urlencoded" };

export async function putReport(id: string, release: string, masked = 0): Promise<void> {
  const kind = { release: "v1.1", status: 500, route: "/orders/:id", error: "TypeError", code: null };
  const report = encodeReport({
    ...{ name: id, host: "host", pid: 1, release, version: "0.2.0", startedAt: Date.now(), stopped: false },
    masked: masked === 0 ? [] : [{ ...kind, count: masked, firstAt: Date.now(), lastAt: Date.now() }],
  });
  await store.reports?.put("default", id, report, 60_000);
}
