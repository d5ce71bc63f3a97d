import { expect, test, vi } from "vitest";
import { closedSite } from "../../../test/support/closed-site.ts";
import { midDeploy, settled, silentLogger } from "../../../test/support/deploy-window.ts";
import type { MaskedError } from "../../core/settings/options.ts";
import { createIntermission, memoryStore } from "../../index.ts";
import { maintenancePage } from "./index.ts";

// The contract runs against a built Astro app: test/built/astro-contract.test.ts.

const error = new Error("no such column");
const fails = async (): Promise<never> => Promise.reject(error);

const contextOf = (headers: Record<string, string> = {}, isPrerendered = false) => ({
  request: new Request("http://localhost/orders", { headers }),
  isPrerendered,
  clientAddress: "127.0.0.1",
});

test("a page that is prerendered passes by, and opens no store", async () => {
  const store = memoryStore();
  const read = vi.spyOn(store, "read");
  const response = new Response("trace", { status: 500 });
  const onRequest = maintenancePage({ store, mode: true });
  expect(await onRequest(contextOf({}, true), async () => response)).toBe(response);
  expect(read).not.toHaveBeenCalled();
});

test("options that can't be used throw at once, and the environment with the first request", async () => {
  expect(() => maintenancePage({ statusCode: 200 })).toThrow("statusCode");
  vi.stubEnv("MAINTENANCE_MODE", "perhaps");
  const onRequest = maintenancePage({ store: memoryStore() });
  await expect(onRequest(contextOf(), async () => new Response())).rejects.toThrow("MAINTENANCE_MODE");
  vi.unstubAllEnvs();
});

test("the first request waits until it is known whether the site is closed", async () => {
  const store = memoryStore();
  const maker = createIntermission({ store, release: "v1.0" }, { environment: {}, watching: false });
  await maker.switchOn({ mode: "closed", wait: false });
  const onRequest = maintenancePage({ store, release: "v1.0", logger: silentLogger });
  expect((await onRequest(contextOf(), async () => new Response())).status).toBe(503);
});

test("the first request waits no longer than the store may take", async () => {
  const store = { ...memoryStore(), read: () => new Promise<never>(() => undefined) };
  const onRequest = maintenancePage({ store, release: "v1.0", readTimeout: 1, logger: silentLogger });
  expect((await onRequest(contextOf(), async () => new Response("Hello"))).status).toBe(200);
});

test("what a route throws becomes the page, is told, and is logged, since Astro does not hear of it", async () => {
  const logged: unknown[] = [];
  const told: MaskedError[] = [];
  const intermission = await midDeploy({
    logger: { ...silentLogger, error: (_message: string, thrown?: unknown) => logged.push(thrown) },
    onMasked: (masked) => told.push(masked),
  });
  expect((await maintenancePage({ intermission })(contextOf(), fails)).status).toBe(503);
  expect(logged).toEqual([error]);
  expect(told).toMatchObject([{ error, path: "/orders" }]);
});

test("at any other time it is thrown on, and is still known if the app's page for it is masked", async () => {
  const told: MaskedError[] = [];
  const intermission = await settled({ onMasked: (masked) => told.push(masked) });
  const onRequest = maintenancePage({ intermission });
  const context = contextOf();
  await expect(onRequest(context, fails)).rejects.toBe(error);
  await intermission.createRelease("v1.1", { wait: false });
  const page = await onRequest(context, async () => new Response("Oh no", { status: 500 }));
  expect(page.status).toBe(503);
  expect(told).toMatchObject([{ error }]);
});

test("Astro keeps neither the page nor what a closed site answers, and keeps all else as it is told to", async () => {
  const set = vi.fn();
  const context = { ...contextOf(), cache: { enabled: true, set } };
  const hello = async (): Promise<Response> => new Response("Hello");
  const onRequest = maintenancePage({ intermission: await midDeploy() });
  await onRequest(context, hello);
  expect(set).not.toHaveBeenCalled();
  await onRequest(context, fails);
  await onRequest(context, async () => new Response("Oh no", { status: 500 }));
  await maintenancePage({ intermission: (await closedSite()).intermission })(context, hello);
  expect(set.mock.calls).toEqual([[false], [false], [false]]);
});

test("where Astro keeps nothing, it is told nothing: it would warn", async () => {
  const set = vi.fn();
  const context = { ...contextOf(), cache: { enabled: false, set } };
  const onRequest = maintenancePage({ intermission: await midDeploy() });
  expect((await onRequest(context, fails)).status).toBe(503);
  expect(set).not.toHaveBeenCalled();
});

test("a client opens no closed site by what it says of its address", async () => {
  const { intermission } = await closedSite({ exemptAddresses: ["127.0.0.0/8"] });
  const onRequest = maintenancePage({ intermission });
  const status = async (headers?: Record<string, string>): Promise<number> =>
    (await onRequest(contextOf(headers), async () => new Response())).status;
  expect(await status()).toBe(200);
  expect(await status({ "x-forwarded-for": "127.0.0.1" })).toBe(503);
});
