import { createServer, type ServerResponse } from "node:http";
import { afterEach, expect, test, vi } from "vitest";
import { midDeploy } from "../../../test/support/deploy-window.ts";
import { visit } from "../../../test/support/http.ts";
import type { MaskedError } from "../../core/settings/options.ts";
import { maintenancePage } from "./index.ts";

// test/built/next.test.ts tests it inside a built Next.js app.

afterEach(() => {
  vi.unstubAllEnvs();
});

test("servers that listen already are watched, and the error told", async () => {
  const masked: MaskedError[] = [];
  const { register, onRequestError } = maintenancePage({
    intermission: await midDeploy({ onMasked: (told) => masked.push(told) }),
  });
  const error = new Error("column orders.note does not exist");
  const server = createServer((request, response: ServerResponse) => {
    onRequestError(error, { path: request.url, headers: request.headers } as { headers: object });
    response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { readonly port: number };
  const status = async (): Promise<number> => (await visit(`http://127.0.0.1:${String(port)}/orders`)).status;

  expect(await status()).toBe(500);
  await register();
  expect(await status()).toBe(503);
  expect(masked).toMatchObject([{ path: "/orders", error }]);
  server.close();
});

test("at the edge nothing is watched, nor the options looked at", async () => {
  vi.stubEnv("NEXT_RUNTIME", "edge");
  await maintenancePage({ statusCode: 200 }).register();
});

test("options that can't be used are refused when it is registered", async () => {
  await expect(maintenancePage({ statusCode: 200 }).register()).rejects.toThrow("statusCode");
});

test("an error of a request that is not known is let pass", () => {
  maintenancePage().onRequestError(new Error("early"), { headers: {} });
});
