import { createApp, createRouter, eventHandler, toNodeListener, type App } from "h3v1";
import { fetchNodeRequestHandler } from "node-mock-http";
import { afterEach, expect, test, vi } from "vitest";
import { closedSite } from "../../../test/support/closed-site.ts";
import { midDeploy } from "../../../test/support/deploy-window.ts";
import { listen, visit, type RunningServer } from "../../../test/support/http.ts";
import type { AdapterOptions } from "../../intermission.ts";
import type { MaskedError } from "../../core/options.ts";
import { memoryStore } from "../../stores/memory/index.ts";
import { maintenancePage } from "./index.ts";

/*
 * Nitro's own app is one of h3 1, made and served as here. Built apps of Nitro and Nuxt are in test/built.
 */

type CloseListener = () => Promise<void>;

interface NitroApp {
  readonly h3App: App;
  readonly closing: CloseListener[];
  /** What Nitro asks itself with. */
  localFetch(path: string): Promise<Response>;
}

const failure = new Error("no such column");
const running: RunningServer[] = [];
afterEach(() => Promise.all(running.splice(0).map((server) => server.close())));

function createNitroApp(options: AdapterOptions): NitroApp {
  const h3App = createApp({ onError: () => undefined });
  const listener = toNodeListener(h3App);
  const closing: CloseListener[] = [];
  const localFetch = (path: string): Promise<Response> => fetchNodeRequestHandler(listener, path);
  maintenancePage(options)({
    h3App,
    hooks: { hook: (_name, closeListener) => closing.push(closeListener) },
  });
  const fail = eventHandler(() => {
    throw failure;
  });
  const asking = eventHandler(async () => {
    const { status, headers } = await localFetch("/orders");
    return { status, retryAfter: headers.get("retry-after") };
  });
  h3App.use(createRouter().get("/orders", fail).get("/asking", asking));
  return { h3App, closing, localFetch };
}

async function serve({ h3App }: NitroApp): Promise<string> {
  const server = await listen(toNodeListener(h3App));
  running.push(server);
  return server.url;
}

test("a visitor's answer is judged, what the app asks itself is not, and each is logged as ever", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const told: MaskedError[] = [];
  const intermission = await midDeploy({ onMasked: (masked) => told.push(masked) });
  const url = await serve(createNitroApp({ intermission }));
  expect((await visit(`${url}/orders`)).status).toBe(503);
  expect(told).toMatchObject([{ path: "/orders", status: 500, error: failure }]);
  expect(JSON.parse((await visit(`${url}/asking`)).body)).toEqual({ status: 500, retryAfter: null });
  expect(told).toHaveLength(1);
  expect(log).toHaveBeenCalledTimes(2);
  log.mockRestore();
});

test("what the app asks itself is answered though the site is closed", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const { intermission } = await closedSite();
  const app = createNitroApp({ intermission });
  expect((await visit(await serve(app))).status).toBe(503);
  expect((await app.localFetch("/orders")).status).toBe(500);
  log.mockRestore();
});

test("an intermission that it made is closed with the app, and one that it was given is not", async () => {
  const stop = vi.fn(async () => undefined);
  const store = { ...memoryStore(), watch: async () => stop };
  const own = createNitroApp({ store, release: "v1.0", refreshEvery: 0 });
  await visit(await serve(own));
  await Promise.all(own.closing.map((close) => close()));
  expect(stop).toHaveBeenCalledTimes(1);
  expect(createNitroApp({ intermission: await midDeploy() }).closing).toEqual([]);
});
