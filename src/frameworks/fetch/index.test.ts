import { describe, expect, test } from "vitest";
import { intermissionAt, midDeploy, settled, silentLogger } from "../../../test/support/deploy-window.ts";
import type { MaskedError } from "../../core/settings/options.ts";
import { maintenancePage } from "./index.ts";

const html = { headers: { accept: "text/html" } };
const request = (path = "/", init: RequestInit = html): Request =>
  new Request(`http://site.example${path}`, init);

describe("while a deploy is on", () => {
  test("a server error becomes the page, and keeps what is not about its body", async () => {
    let cancelled = false;
    const body = new ReadableStream({
      cancel() {
        cancelled = true;
      },
    });
    const headers = new Headers({
      "content-encoding": "gzip",
      etag: '"x"',
      "x-request-id": "r1",
      vary: "Origin",
    });
    headers.append("set-cookie", "a=1");
    headers.append("set-cookie", "b=2");
    const handle = maintenancePage(() => new Response(body, { status: 500, headers }), {
      intermission: await midDeploy(),
    });
    const response = await handle(request());
    expect(response.status).toBe(503);
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(response.headers.get("x-request-id")).toBe("r1");
    expect(response.headers.get("vary")).toMatch(/^Origin, Accept, Accept-Language/);
    expect(response.headers.has("etag")).toBe(false);
    expect(response.headers.has("content-encoding")).toBe(false);
    const text = await response.text();
    expect(text).toContain("</html>");
    expect(response.headers.get("content-length")).toBe(String(new TextEncoder().encode(text).byteLength));
    expect(cancelled).toBe(true);
  });

  test("HEAD gets the headers of the page alone", async () => {
    const handle = maintenancePage(() => new Response(null, { status: 500 }), {
      intermission: await midDeploy(),
    });
    const response = await handle(request("/", { ...html, method: "HEAD" }));
    expect(response.status).toBe(503);
    expect(Number(response.headers.get("content-length"))).toBeGreaterThan(1000);
    expect(await response.text()).toBe("");
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("boom");
      },
    ],
    ["rejects", () => Promise.reject(new Error("boom"))],
  ])("a handler that %s has the page in its place, and its error logged and told", async (_, handler) => {
    const logged: unknown[] = [];
    const told: MaskedError[] = [];
    const logger = { ...silentLogger, error: (_message: string, error?: unknown) => logged.push(error) };
    const handle = maintenancePage(handler, {
      intermission: await midDeploy({ logger, onMasked: (masked) => told.push(masked) }),
    });
    expect((await handle(request("/a?b"))).status).toBe(503);
    expect(logged).toMatchObject([{ message: "boom" }]);
    expect(told).toMatchObject([{ error: { message: "boom" }, path: "/a", method: "GET", status: 500 }]);
  });

  test.each([
    ["a success", new Response("fine")],
    ["a client error", new Response("no", { status: 404 })],
    [
      "an error that says when to retry",
      new Response("busy", { status: 503, headers: { "retry-after": "1" } }),
    ],
    ["a gRPC answer", new Response("x", { status: 500, headers: { "content-type": "application/grpc" } })],
  ])("%s is handed through as the very same object", async (_, response) => {
    const handle = maintenancePage(() => response, { intermission: await midDeploy() });
    expect(await handle(request())).toBe(response);
  });

  test("an exempt path and a skipped request are left alone", async () => {
    const intermission = await midDeploy({
      exempt: ["/health"],
      skip: ({ headers }: Request) => headers.has("x-admin"),
    });
    const handle = maintenancePage(() => new Response(null, { status: 500 }), { intermission });
    expect((await handle(request("/health?deep"))).status).toBe(500);
    expect((await handle(request("/", { headers: { "x-admin": "1" } }))).status).toBe(500);
    expect((await handle(request("/"))).status).toBe(503);
  });
});

describe("at any other time", () => {
  test("a server error is handed through as the very same object", async () => {
    const response = new Response("trace", { status: 500 });
    const handle = maintenancePage(() => response, { intermission: await settled() });
    expect(await handle(request())).toBe(response);
  });

  test("what is thrown is thrown", async () => {
    const error = new Error("boom");
    const handle = maintenancePage(() => Promise.reject(error), {
      intermission: await intermissionAt(undefined),
    });
    await expect(handle(request())).rejects.toBe(error);
  });
});

test("what follows the request, and this, reach the handler", async () => {
  const worker = {
    name: "worker",
    fetch: maintenancePage(
      function (this: unknown, _request: Request, environment: { readonly key: string }) {
        return new Response(`${(this as { name: string }).name} ${environment.key}`);
      },
      { intermission: await midDeploy() },
    ),
  };
  expect(await (await worker.fetch(request(), { key: "k" })).text()).toBe("worker k");
});
