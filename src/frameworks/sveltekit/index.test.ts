import { afterEach, describe, expect, test, vi } from "vitest";
import { closedSite } from "../../../test/support/closed-site.ts";
import { midDeploy, settled, silentLogger } from "../../../test/support/deploy-window.ts";
import type { MaskedError } from "../../core/settings/options.ts";
import { maintenancePage, rememberErrors } from "./index.ts";

// The contract runs against a built SvelteKit app: test/built/sveltekit-contract.test.ts.

const error = new Error("no such column");

function eventOf(path = "/orders", { isDataRequest = false, isSubRequest = false, ...request } = {}) {
  const suffix = isDataRequest ? "/__data.json" : "";
  return {
    request: new Request(`http://localhost${path}${suffix}`, request),
    url: new URL(`http://localhost${path}`),
    isDataRequest,
    isSubRequest,
    getClientAddress(): string {
      throw new Error("this platform knows no addresses");
    },
  };
}

const failed = (): Response => new Response("trace", { status: 500 });
const rejects = async (thrown: unknown): Promise<never> => {
  throw thrown;
};

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test("an error becomes the page, and what the app sends itself is left alone", async () => {
  const handle = maintenancePage({ intermission: await midDeploy() });
  expect((await handle({ event: eventOf(), resolve: failed })).status).toBe(503);
  const own = failed();
  expect(await handle({ event: eventOf("/orders", { isSubRequest: true }), resolve: () => own })).toBe(own);
});

test("a build opens no store, and goes by no option", async () => {
  vi.stubEnv("SVELTEKIT_FORK", "true");
  const handle = maintenancePage({ store: "nowhere:" });
  const own = failed();
  expect(await handle({ event: eventOf(), resolve: () => own })).toBe(own);
});

test("options that can't be used throw at once", () => {
  expect(() => maintenancePage({ store: "nowhere:" })).toThrow("store");
});

test("where the platform knows no address, nobody's is exempt", async () => {
  const { intermission } = await closedSite({ exemptAddresses: ["0.0.0.0/0", "::/0"] });
  const handle = maintenancePage({ intermission });
  expect((await handle({ event: eventOf(), resolve: () => new Response() })).status).toBe(503);
});

describe("what another hook throws", () => {
  test("becomes the page, is told, and is logged, since SvelteKit does not hear of it", async () => {
    const logged: unknown[] = [];
    const told: MaskedError[] = [];
    const intermission = await midDeploy({
      logger: { ...silentLogger, error: (_message: string, thrown?: unknown) => logged.push(thrown) },
      onMasked: (masked) => told.push(masked),
    });
    const handle = maintenancePage({ intermission });
    expect((await handle({ event: eventOf(), resolve: () => rejects(error) })).status).toBe(503);
    expect(logged).toEqual([error]);
    expect(told).toMatchObject([{ error, status: 500, path: "/orders" }]);
  });

  test.each([
    ["a redirect", { status: 303, location: "/login" }],
    ["error(403)", { status: 403, body: { message: "No" } }],
    ["SvelteKit's own refusal", Object.assign(new Error("too large"), { status: 413, text: "Too Large" })],
  ])("is thrown on where it is %s", async (_, thrown) => {
    const handle = maintenancePage({ intermission: await midDeploy() });
    await expect(handle({ event: eventOf(), resolve: () => rejects(thrown) })).rejects.toBe(thrown);
  });

  test("is thrown on at any other time", async () => {
    const handle = maintenancePage({ intermission: await settled() });
    await expect(handle({ event: eventOf(), resolve: () => rejects(error) })).rejects.toBe(error);
  });
});

describe("navigation in the browser", () => {
  const loads = (thrown: unknown, status = 500) => {
    const event = eventOf("/orders", { isDataRequest: true });
    const answer = Response.json({ type: "data", nodes: [null, { type: "error" }] });
    const resolve = (): Response => {
      if (thrown !== undefined) rememberErrors(() => undefined)({ error: thrown, event, status });
      return answer;
    };
    return { event, resolve, answer };
  };

  test("gets an error with status 503 and the page's words, and the path is the page's", async () => {
    const told: MaskedError[] = [];
    const intermission = await midDeploy({ onMasked: (masked) => told.push(masked) });
    const response = await maintenancePage({ intermission })(loads(error));
    expect(response.status).toBe(503);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toEqual({
      status: 503,
      message: expect.stringContaining("updating") as string,
    });
    expect(told).toMatchObject([{ error, path: "/orders" }]);
  });

  test("gets what SvelteKit answers where nothing failed, or a page was not found, or no deploy is on", async () => {
    const during = maintenancePage({ intermission: await midDeploy() });
    const after = maintenancePage({ intermission: await settled() });
    for (const [handle, visit] of [
      [during, loads(undefined)],
      [during, loads(error, 404)],
      [after, loads(error)],
    ] as const)
      expect(await handle(visit)).toBe(visit.answer);
  });
});

describe("rememberErrors", () => {
  test("calls the app's own and hands on what it returns", () => {
    const input = { error, event: eventOf(), status: 500, message: "Internal Error" };
    const own = vi.fn(() => ({ message: "Oh no" }));
    expect(rememberErrors(own)(input)).toEqual({ message: "Oh no" });
    expect(own).toHaveBeenCalledExactlyOnceWith(input);
  });

  test("logs otherwise, as SvelteKit does", () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    rememberErrors()({ error, event: eventOf(), status: 500 });
    rememberErrors()({ error, event: eventOf("/missing"), status: 404 });
    expect(log.mock.calls).toEqual([
      [`\n[500] GET /orders\n${String(error.stack)}`],
      ["\n[404] GET /missing"],
    ]);
  });

  describe("of SvelteKit 3", () => {
    const app = { kind: "app", error: { status: 500, message: "No" } };
    const framework = { kind: "framework", error: { status: 404, message: "Not Found" } };
    const validation = { kind: "validation", error: { status: 400, message: "Bad Request" }, issues: ["no"] };

    const answerTo = async (caught: object, shown: unknown): Promise<Response> => {
      const event = eventOf("/orders", { isDataRequest: true });
      const input = { error, ...caught, event };
      const resolve = async (): Promise<Response> => {
        await rememberErrors(() => shown)(input);
        return Response.json({ type: "data", nodes: [{ type: "error" }] });
      };
      return maintenancePage({ intermission: await midDeploy() })({ event, resolve });
    };

    test.each([
      ["what was thrown", 503, { kind: "unknown" }, undefined],
      ["what was thrown, and told in other words", 503, { kind: "unknown" }, { message: "Oh no" }],
      ["what the app's own hook makes a refusal", 200, { kind: "unknown" }, { status: 404 }],
      ["what it makes one later", 200, { kind: "unknown" }, Promise.resolve({ status: 404 })],
      ["what it makes an error later", 503, framework, Promise.resolve({ status: 500 })],
      ["error(500)", 503, app, undefined],
      ["error(422)", 200, { kind: "app", error: { status: 422 } }, undefined],
      ["a page that was not found", 200, framework, undefined],
      ["a remote function's argument", 200, validation, undefined],
    ])("%s is answered with %i", async (_, status, caught, shown) => {
      expect((await answerTo(caught, shown)).status).toBe(status);
    });

    test("a hook of the app's own that fails makes the error no other", async () => {
      const event = eventOf("/orders", { isDataRequest: true });
      const broken = rememberErrors((): never => {
        throw new Error("the hook is broken");
      });
      const resolve = (): Response => {
        expect(() => broken({ kind: "unknown", error, event })).toThrow("broken");
        return Response.json({ type: "data" });
      };
      const response = await maintenancePage({ intermission: await midDeploy() })({ event, resolve });
      expect(response.status).toBe(503);
    });

    test("logs otherwise, as SvelteKit does", () => {
      const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
      const event = eventOf();
      const cause = new Error("relation");
      rememberErrors()({ kind: "unknown", error: new Error("query", { cause }), event });
      rememberErrors()({ ...app, event });
      rememberErrors()({ ...framework, event });
      rememberErrors()({ ...validation, remote: { name: "pay", file: "pay.remote.ts" }, event });
      expect(log.mock.calls).toEqual([
        [expect.stringContaining("Error: query\n")],
        [cause.stack],
        ["Remote function pay (pay.remote.ts) schema validation failed:", ["no"]],
      ]);
    });

    test("in development, its status is not asked for", () => {
      const read = vi.fn();
      const input = Object.defineProperty({ kind: "unknown", error, event: eventOf() }, "status", {
        get: read,
      });
      rememberErrors(() => undefined)(input);
      expect(read).not.toHaveBeenCalled();
    });
  });
});
