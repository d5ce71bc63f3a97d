import { afterEach, describe, expect, test } from "vitest";
import { midDeploy, settled } from "../../../test/support/deploy-window.ts";
import { listen, visit, type RunningServer } from "../../../test/support/http.ts";
import type { MaskedError } from "../../core/settings/options.ts";
import { maintenancePage } from "./index.ts";

const running: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

const browser = { headers: { accept: "text/html" } };

async function serve(...parameters: Parameters<typeof maintenancePage>): Promise<string> {
  const server = await listen(maintenancePage(...parameters));
  running.push(server);
  return server.url;
}

test("a bare listener's server errors become the page, and its successes stay", async () => {
  const url = await serve(
    (request, response) => {
      response.statusCode = request.url === "/" ? 200 : 500;
      response.end("its own body");
    },
    { intermission: await midDeploy() },
  );
  expect(await visit(url)).toMatchObject({ status: 200, body: "its own body" });
  expect((await visit(`${url}/broken`)).status).toBe(503);
});

test("takes options of its own and reads nothing else", async () => {
  const url = await serve((_, response) => response.writeHead(500).end(), {
    mode: true,
    statusCode: 502,
    store: "memory:",
    retryAfter: 7,
  });
  const answer = await visit(url, browser);
  expect(answer.status).toBe(502);
  expect(answer.headers["retry-after"]).toBe("7");
});

describe("a listener that throws", () => {
  const logged: unknown[] = [];
  const logger = { warn: () => undefined, error: (...parts: unknown[]) => logged.push(parts[1]) };
  const error = new Error("no such column");

  test.each([
    [
      "at once",
      () => {
        throw error;
      },
    ],
    ["in a promise", () => Promise.reject(error)],
  ])("%s before it answers has the page sent in its place, and its error logged", async (_, listener) => {
    logged.length = 0;
    const told: MaskedError[] = [];
    const intermission = await midDeploy({ logger, onMasked: (masked) => told.push(masked) });
    const answer = await visit(await serve(listener, { intermission }), browser);
    expect(answer.status).toBe(503);
    expect(answer.body).toContain("</html>");
    expect(told).toMatchObject([{ error, status: 500 }]);
    expect(logged).toEqual([error]);
  });

  test("in a promise at any other time has its error come out of the listener", async () => {
    const wrapped = maintenancePage(() => Promise.reject(error), { intermission: await settled() });
    const results: Promise<unknown>[] = [];
    const server = await listen((request, response) => {
      const result = wrapped(request, response) as Promise<unknown>;
      results.push(result);
      result.catch(() => response.end("by the runtime"));
    });
    running.push(server);
    await visit(server.url);
    await expect(results[0]).rejects.toBe(error);
  });

  test("after it answered has its error come out of the listener", async () => {
    const wrapped = maintenancePage(
      (_request, response) => {
        response.end("fine");
        return Promise.reject(error);
      },
      { intermission: await midDeploy() },
    );
    const results: Promise<unknown>[] = [];
    const server = await listen((request, response) => {
      const result = wrapped(request, response) as Promise<unknown>;
      result.catch(() => undefined);
      results.push(result);
    });
    running.push(server);
    expect(await visit(server.url)).toMatchObject({ status: 200, body: "fine" });
    await expect(results[0]).rejects.toBe(error);
  });
});
