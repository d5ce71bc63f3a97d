import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import polka, { type Handler, type Polka } from "polka";
import { afterEach, expect, test } from "vitest";
import { midDeploy, silentLogger } from "../../../test/support/deploy-window.ts";
import { listen, visit, type RunningServer } from "../../../test/support/http.ts";
import type { MaskedError } from "../../core/settings/options.ts";
import {
  frameworkContract,
  type FrameworkContractSetup,
  type FrameworkContractSubject,
} from "../../testing/index.ts";
import { maintenancePage } from "./index.ts";

function createApp(setup: FrameworkContractSetup): Polka {
  // Polka does not catch these, so the app passes them to next.
  const fail: Handler = (_request, _response, next) => {
    next(setup.error);
  };
  const pipe = (chunks: AsyncIterable<string>, response: ServerResponse): Promise<void> =>
    pipeline(chunks, response).catch(() => undefined);
  const onError = (error: Error & { readonly code?: number }, ...[, response]: Parameters<Handler>): void => {
    if (error.code === 404) {
      response.writeHead(404).end();
      return;
    }
    setup.onError(error);
    response.writeHead(500).end("Oh no");
  };
  // Without middleware, Polka gives a handler no next.
  const pass: Handler = (_request, _response, next) => {
    next();
  };
  const app = polka({ onError });
  if (setup.options !== undefined) app.use(maintenancePage(setup.options));
  return app
    .use(pass)
    .use("/mounted", polka({ onError }).use(pass).get("/throws", fail))
    .get("/", (_request, response) => response.setHeader("x-request-id", "r1").end(setup.greet()))
    .add("HEAD", "/", (_request, response) => response.setHeader("x-request-id", "r1").end())
    .get("/json", (_request, response) => response.end(JSON.stringify({ hello: "world" })))
    .get("/empty", (_request, response) => response.writeHead(204).end())
    .get("/old", (_request, response) => response.writeHead(302, { location: "/" }).end())
    .get("/refused", (_request, response) => response.writeHead(422).end("No"))
    .get("/busy", (_request, response) => response.writeHead(503, { "retry-after": "7" }).end("Busy"))
    .add("POST", "/echo", async (request, response) => response.end(await text(request)))
    .get("/stream", (_request, response) => pipe(setup.chunks(), response))
    .get("/late", (_request, response) => pipe(setup.lateChunks(), response))
    .get("/throws", fail)
    .add("POST", "/throws", fail)
    .get("/rejects", async (_request, _response, next) => {
      await new Promise(setImmediate);
      next(setup.error);
    })
    .get("/sent", sendFailure)
    .add("HEAD", "/sent", sendFailure)
    .get("/sent-json", (_request, response) =>
      response
        .writeHead(500, { "content-type": "application/json" })
        .end(JSON.stringify({ error: setup.secret })),
    )
    .get("/stream-fails", (_request, response) => pipe(setup.chunks(), response.writeHead(500)));

  function sendFailure(_request: IncomingMessage, response: ServerResponse): void {
    for (const [name, value] of setup.failedHeaders) response.appendHeader(name, value);
    response.writeHead(500).end(setup.secret);
  }
}

const subject: FrameworkContractSubject = {
  start: (setup) => listen(createApp(setup).handler),
  skip: (request) => "x-skip" in (request as IncomingMessage).headers,
  address: "connection",
  knowsErrors: false,
  closes: false,
};
for (const { name, run } of frameworkContract(subject)) test(name, run);

const running: RunningServer[] = [];
afterEach(() => Promise.all(running.splice(0).map((server) => server.close())));

test.each<[string, Handler]>([
  [
    "is thrown",
    () => {
      throw new Error("no such column");
    },
  ],
  ["is rejected", () => Promise.reject(new Error("no such column"))],
])(
  "what %s, and Polka does not catch, has the page in its place, and is logged and told",
  async (_, handler) => {
    const told: MaskedError[] = [];
    const logged: unknown[] = [];
    const logger = { ...silentLogger, error: (_message: string, error?: unknown) => logged.push(error) };
    const intermission = await midDeploy({ logger, onMasked: (masked) => told.push(masked) });
    const server = await listen(
      polka().use(maintenancePage({ intermission })).get("/books", handler).handler,
    );
    running.push(server);
    expect((await visit(`${server.url}/books`)).status).toBe(503);
    expect(told).toMatchObject([{ path: "/books", error: { message: "no such column" } }]);
    expect(logged).toMatchObject([{ message: "no such column" }]);
  },
);
