import type { RequestListener } from "node:http";
import { afterEach, expect, test, vi } from "vitest";
import { midDeploy, settled } from "../../../../test/support/deploy-window.ts";
import { serve, serveBare } from "../../../../test/support/failing-listeners.ts";
import { loadMaintenancePage } from "./index.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

const failing: RequestListener = (_, response) => {
  response.statusCode = 500;
  response.end("column orders.note does not exist");
};

/** How often a browser at this address reloads it. */
async function reloads(href: string): Promise<number> {
  const reload = vi.fn();
  vi.stubGlobal("location", { href, reload });
  await loadMaintenancePage();
  return reload.mock.calls.length;
}

test("an address with the maintenance page is loaded anew", async () => {
  expect(await reloads(await serve(await midDeploy(), failing))).toBe(1);
});

test("an error is not loaded anew, whatever it says", async () => {
  expect(await reloads(await serve(await settled(), failing))).toBe(0);
  const busy = await serveBare((_, response) => response.writeHead(503, { "retry-after": "5" }).end());
  expect(await reloads(busy)).toBe(0);
});

test("a success is not loaded anew, so that a page whose script throws does not go round", async () => {
  expect(await reloads(await serve(await midDeploy(), (_, response) => response.end("fine")))).toBe(0);
});

test("without a network nothing happens", async () => {
  expect(await reloads("http://127.0.0.1:1/")).toBe(0);
});
