import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { FrameworkContractSetup } from "../../src/testing/index.ts";

/** The app of the contract, without a framework. */
export function createListener(
  setup: FrameworkContractSetup,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const fail = (): never => {
    throw setup.error;
  };
  // A visitor may leave, or a source fail: nobody is left to answer.
  const pipe = (chunks: AsyncIterable<string>, response: ServerResponse): Promise<void> =>
    pipeline(chunks, response).catch(() => undefined);
  type Route = (request: IncomingMessage, response: ServerResponse) => unknown;
  const routes: Readonly<Record<string, Route>> = {
    "/": (_request, response) =>
      response.writeHead(200, { "content-type": "text/plain", "x-request-id": "r1" }).end(setup.greet()),
    "/json": (_request, response) => response.end(JSON.stringify({ hello: "world" })),
    "/empty": (_request, response) => response.writeHead(204).end(),
    "/old": (_request, response) => response.writeHead(302, { location: "/" }).end(),
    "/refused": (_request, response) => response.writeHead(422).end("No"),
    "/busy": (_request, response) => response.writeHead(503, { "retry-after": "7" }).end("Busy"),
    "/echo": async (request, response) => response.end(await text(request)),
    "/stream": (_request, response) => pipe(setup.chunks(), response),
    "/late": (_request, response) => pipe(setup.lateChunks(), response),
    "/throws": fail,
    "/mounted/throws": fail,
    "/rejects": () => new Promise(setImmediate).then(fail),
    "/sent": (_request, response) => {
      for (const [name, value] of setup.failedHeaders) response.appendHeader(name, value);
      response.writeHead(500).end(setup.secret);
    },
    "/sent-json": (_request, response) => {
      response.statusCode = 500;
      response.setHeader("content-type", "application/json").end(JSON.stringify({ error: setup.secret }));
    },
    "/stream-fails": (_request, response) => pipe(setup.chunks(), response.writeHead(500)),
  };
  return async (request, response) => {
    try {
      const route = routes[request.url?.split("?")[0] ?? ""];
      if (route === undefined) response.writeHead(404).end();
      else await route(request, response);
    } catch (error) {
      setup.onError(error);
      response.writeHead(500).end("Oh no");
    }
  };
}
