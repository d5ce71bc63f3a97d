import type { RequestListener } from "node:http";
import { H3, toNodeHandler, type H3Event } from "h3";
import { createApp, createRouter, eventHandler, toNodeListener } from "h3v1";
import { fetchNodeRequestHandler } from "node-mock-http";
import { afterEach, beforeEach, describe, expect, test, vi, type MockInstance } from "vitest";
import { closedSite } from "../../../test/support/closed-site.ts";
import { midDeploy } from "../../../test/support/deploy-window.ts";
import { createContractApp } from "../../../test/support/h3.ts";
import { listen, visit, type RunningServer } from "../../../test/support/http.ts";
import type { AdapterOptions } from "../../engine/create.ts";
import type { MaskedError } from "../../core/settings/options.ts";
import { memoryStore } from "../../stores/memory/index.ts";
import { frameworkContract, type FrameworkContractSubject } from "../../testing/index.ts";
import { maintenancePage } from "./index.ts";

/* Nitro's app is an h3 app, created and served like this. test/built has built apps of Nitro and Nuxt. */

type CloseListener = () => Promise<void>;

interface NitroApp {
  readonly listener: RequestListener;
  readonly closing: CloseListener[];
  /** Nitro's requests to itself. */
  localFetch(path: string): Promise<Response>;
}

const failure = new Error("no such column");
const fail = (): never => {
  throw failure;
};

async function askWith(
  localFetch: NitroApp["localFetch"],
): Promise<{ status: number; retryAfter: string | null }> {
  const { status, headers } = await localFetch("/orders");
  return { status, retryAfter: headers.get("retry-after") };
}

function createNitro2App(options: AdapterOptions): NitroApp {
  const h3App = createApp({ onError: () => undefined });
  const listener = toNodeListener(h3App);
  const closing: CloseListener[] = [];
  const localFetch = (path: string): Promise<Response> => fetchNodeRequestHandler(listener, path);
  const hooks = { hook: (_name: "close", close: CloseListener) => closing.push(close) };
  maintenancePage(options)({ h3App, hooks });
  const asking = eventHandler(() => askWith(localFetch));
  h3App.use(createRouter().get("/orders", eventHandler(fail)).get("/asking", asking));
  return { listener, closing, localFetch };
}

/** As in Nitro, which keeps what was thrown on it. */
type NitroRequest = Request & { context?: { nitro?: { errors: { error: Error }[] } } };

function captureError(error: Error, event: H3Event): void {
  (event.req as NitroRequest).context?.nitro?.errors.push({ error });
}

/** @param h3 Reports to `captureError` what was thrown. */
function serveByNitro3(h3: H3, options: AdapterOptions | undefined): NitroApp {
  const closing: CloseListener[] = [];
  const app = {
    async fetch(request: NitroRequest): Promise<Response> {
      request.context = { nitro: { errors: [] } };
      return h3.fetch(request);
    },
    hooks: { hook: (_name: "close", close: CloseListener) => closing.push(close) },
  };
  const localFetch = (path: string): Promise<Response> =>
    app.fetch(new Request(new URL(path, "http://localhost")));
  if (options !== undefined) maintenancePage(options)(app);
  return { listener: toNodeHandler(app as never), closing, localFetch };
}

function createNitro3App(options: AdapterOptions): NitroApp {
  const h3 = new H3({
    onError(error, event) {
      captureError(error, event);
      return new Response("Oh no", { status: error.status });
    },
  });
  const app = serveByNitro3(h3, options);
  h3.get("/orders", fail).get("/asking", () => askWith(app.localFetch));
  return app;
}

const running: RunningServer[] = [];
afterEach(() => Promise.all(running.splice(0).map((server) => server.close())));

async function serve({ listener }: NitroApp): Promise<string> {
  const server = await listen(listener);
  running.push(server);
  return server.url;
}

describe.each([
  { major: 2, createNitroApp: createNitro2App },
  { major: 3, createNitroApp: createNitro3App },
])("in an app of Nitro $major", ({ createNitroApp }) => {
  let log: MockInstance;
  beforeEach(() => {
    log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  });
  afterEach(() => {
    log.mockRestore();
  });

  test("a visitor's answer is judged, what the app asks itself is not, and each is logged as ever", async () => {
    const told: MaskedError[] = [];
    const intermission = await midDeploy({ onMasked: (masked) => told.push(masked) });
    const url = await serve(createNitroApp({ intermission }));
    expect((await visit(`${url}/orders`)).status).toBe(503);
    expect(told).toMatchObject([{ path: "/orders", status: 500, error: failure }]);
    expect(JSON.parse((await visit(`${url}/asking`)).body)).toEqual({ status: 500, retryAfter: null });
    expect(told).toHaveLength(1);
    expect(log).toHaveBeenCalledTimes(2);
  });

  test("what the app asks itself is answered though the site is closed", async () => {
    const { intermission } = await closedSite();
    const app = createNitroApp({ intermission });
    expect((await visit(await serve(app))).status).toBe(503);
    expect((await app.localFetch("/orders")).status).toBe(500);
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

  test("a closed site is open to an exempt address, which is the connection's", async () => {
    const { intermission } = await closedSite({ exemptAddresses: ["127.0.0.1"] });
    expect((await visit(`${await serve(createNitroApp({ intermission }))}/asking`)).status).toBe(200);
  });
});

describe("the whole contract, in an app of Nitro 3", () => {
  const subject: FrameworkContractSubject = {
    async start(setup) {
      const { listener, closing } = serveByNitro3(
        createContractApp(setup, undefined, captureError),
        setup.options,
      );
      const server = await listen(listener);
      return {
        ...server,
        async close() {
          await server.close();
          await Promise.all(closing.map((close) => close()));
        },
      };
    },
    skip: (request) => (request as Request).headers.has("x-skip"),
    address: "connection",
    knowsErrors: true,
    closes: true,
  };
  for (const { name, run } of frameworkContract(subject)) test(name, run);
});
