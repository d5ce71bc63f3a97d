import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { createServer, type Handler, type Request, type Response, type Server } from "restify";
// @ts-expect-error: it has no types.
import restifyErrors from "restify-errors";
import { afterEach, describe, expect, test } from "vitest";
import { closedSite } from "../../../test/support/closed-site.ts";
import { midDeploy } from "../../../test/support/deploy-window.ts";
import { listen, visit, type RunningServer } from "../../../test/support/http.ts";
import type { MaskedError } from "../../core/settings/options.ts";
import {
  frameworkContract,
  type FrameworkContractSetup,
  type FrameworkContractSubject,
} from "../../testing/index.ts";
import { maintenancePage } from "./index.ts";

type ErrorClass = new (...parameters: readonly (Error | string)[]) => Error;

const { InternalServerError, UnprocessableEntityError } = restifyErrors as Record<
  "InternalServerError" | "UnprocessableEntityError",
  ErrorClass
>;

function createApp(setup: FrameworkContractSetup): Server {
  const fail = async (): Promise<never> => {
    throw setup.error;
  };
  const sending =
    (status: number, body?: unknown, headers: Readonly<Record<string, string>> = {}): Handler =>
    (_request, response, next) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      response.send(status, body);
      next();
    };
  const plain = { "content-type": "text/plain" };
  const server = createServer();
  if (setup.options !== undefined) server.pre(maintenancePage(setup.options));
  server.on("restifyError", (_request, response, error, callback) => {
    if (error === setup.error) {
      setup.onError(error);
      response.setHeader("content-type", "text/plain");
      response.send(500, "Oh no");
    }
    callback();
  });
  server.get("/", (_request, response, next) => {
    response.setHeader("content-type", "text/plain");
    response.setHeader("x-request-id", "r1");
    response.send(setup.greet());
    next();
  });
  server.get("/json", sending(200, { hello: "world" }));
  server.get("/empty", sending(204));
  server.get("/old", (_request, response, next) => {
    response.redirect("/", next);
  });
  server.get("/refused", sending(422, "No", plain));
  server.get("/busy", sending(503, "Busy", { ...plain, "retry-after": "7" }));
  server.post("/echo", async (request, response) => {
    response.setHeader("content-type", "text/plain");
    response.send(await text(request));
  });
  const pipe = async (chunks: AsyncIterable<string>, response: Response): Promise<void> =>
    pipeline(Readable.from(chunks), response).catch(() => undefined);
  server.get("/stream", async (_request, response) => pipe(setup.chunks(), response));
  server.get("/late", async (_request, response) => pipe(setup.lateChunks(), response));
  server.get("/stream-fails", async (_request, response) => {
    response.statusCode = 500;
    await pipe(setup.chunks(), response);
  });
  server.get("/throws", fail);
  server.post("/throws", fail);
  server.get("/mounted/throws", fail);
  server.get("/rejects", async () => {
    await new Promise(setImmediate);
    throw setup.error;
  });
  const sendFailure: Handler = (_request, response, next) => {
    for (const [name, value] of setup.failedHeaders) response.appendHeader(name, value);
    response.send(500, setup.secret);
    next();
  };
  server.get("/sent", sendFailure);
  server.head("/sent", sendFailure);
  server.get("/sent-json", sending(500, { error: setup.secret }));
  return server;
}

const subject: FrameworkContractSubject = {
  start: (setup) => listen(createApp(setup).server),
  skip: (request) => (request as Request).header("x-skip") !== undefined,
  address: "connection",
  knowsErrors: true,
  closes: false,
};
for (const { name, run } of frameworkContract(subject)) test(name, run);

const running: RunningServer[] = [];
afterEach(() => Promise.all(running.splice(0).map((server) => server.close())));

async function serve(server: Server): Promise<string> {
  const started = await listen(server.server);
  running.push(started);
  return started.url;
}

/** Restify's `after` event for the next finished request. */
function nextAfter(server: Server): Promise<{ readonly response: Response; readonly error: unknown }> {
  return new Promise((resolve) => {
    server.on("after", (_request, response, _route, error) => {
      resolve({ response, error });
    });
  });
}

const noColumn = new Error("no such column");

test("the events of Restify come as ever, once each, and the request is over", async () => {
  const heard: unknown[] = [];
  const server = createServer();
  server.pre(maintenancePage({ intermission: await midDeploy() }));
  server.get("/books", async () => {
    throw new InternalServerError(noColumn, "broken");
  });
  server.on("InternalServer", (_request, _response, error, callback) => {
    heard.push(`InternalServer ${error.message}`);
    callback();
  });
  server.on("restifyError", (_request, _response, error, callback) => {
    heard.push(`restifyError ${error.message}`);
    callback();
  });
  const after = nextAfter(server);
  expect((await visit(`${await serve(server)}/books`)).status).toBe(503);
  const { response, error } = await after;
  expect(heard).toEqual(["InternalServer broken", "restifyError broken"]);
  expect(error).toBeInstanceOf(InternalServerError);
  expect(response.statusCode).toBe(503);
  expect(server.inflightRequests()).toBe(0);
});

describe("where Restify handles uncaught exceptions", () => {
  const throwing: Handler = (_request, _response, _next) => {
    setImmediate(() => {
      throw noColumn;
    });
  };

  test.each(["Restify answers", "a listener answers"])("the page is in their place when %s", async (by) => {
    const told: MaskedError[] = [];
    const heard: unknown[] = [];
    const server = createServer({ handleUncaughtExceptions: true });
    const intermission = await midDeploy({ onMasked: (masked) => told.push(masked) });
    server.pre(maintenancePage({ intermission }));
    server.get("/books", throwing);
    if (by === "a listener answers")
      server.on("uncaughtException", (_request, response, _route, error) => {
        heard.push(error);
        response.send(500, "Oh no");
      });
    expect((await visit(`${await serve(server)}/books`)).status).toBe(503);
    expect(heard).toEqual(by === "a listener answers" ? [noColumn] : []);
    expect(told).toMatchObject([{ path: "/books", status: 500, error: noColumn }]);
  });
});

test("an error of another status, and an answer below 500, are as they are", async () => {
  const server = createServer();
  server.pre(maintenancePage({ intermission: await midDeploy() }));
  server.get("/books", async () => {
    throw new UnprocessableEntityError("no title");
  });
  const url = await serve(server);
  expect(await visit(`${url}/books`)).toMatchObject({
    status: 422,
    body: expect.stringContaining("no title"),
  });
  expect((await visit(`${url}/missing`)).status).toBe(404);
});

test("a request that a closed site answers is over for Restify, and no other handler is called", async () => {
  const { intermission } = await closedSite();
  const called: string[] = [];
  const calling =
    (name: string): Handler =>
    (_request, _response, next) => {
      called.push(name);
      next();
    };
  const server = createServer({ name: "shop" });
  server.pre(maintenancePage({ intermission }), calling("pre"));
  server.use(calling("use"));
  server.get("/books", calling("get"));
  const after = nextAfter(server);
  const answer = await visit(`${await serve(server)}/books`);
  expect(answer).toMatchObject({ status: 503, headers: { server: "shop" } });
  await after;
  expect(server.inflightRequests()).toBe(0);
  expect(called).toEqual([]);
});
