import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { test } from "vitest";
import { listen } from "../../../test/support/http.ts";
import {
  frameworkContract,
  type FrameworkContractSetup,
  type FrameworkContractSubject,
} from "../../testing/index.ts";
import { maintenancePage } from "./index.ts";

type Handler = (request: Request) => Response | Promise<Response>;

function createHandler(setup: FrameworkContractSetup): Handler {
  const fail = (): never => {
    throw setup.error;
  };
  const stream = (chunks: AsyncIterable<string>, init?: ResponseInit): Response =>
    new Response(ReadableStream.from(chunks).pipeThrough(new TextEncoderStream()), init);
  const routes: Readonly<Record<string, Handler>> = {
    "/": () => new Response(setup.greet(), { headers: { "x-request-id": "r1" } }),
    "/json": () => Response.json({ hello: "world" }),
    "/empty": () => new Response(null, { status: 204 }),
    "/old": () => new Response(null, { status: 302, headers: { location: "/" } }),
    "/refused": () => new Response("No", { status: 422 }),
    "/busy": () =>
      new Response("Busy", { status: 503, headers: { "retry-after": "7", "content-type": "text/plain" } }),
    "/echo": async (request) => new Response(await request.text()),
    "/stream": () => stream(setup.chunks()),
    "/late": () => stream(setup.lateChunks()),
    "/throws": fail,
    "/mounted/throws": fail,
    "/rejects": () => new Promise(setImmediate).then(fail),
    "/sent": () =>
      new Response(setup.secret, { status: 500, headers: setup.failedHeaders.map(([...pair]) => pair) }),
    "/sent-json": () => Response.json({ error: setup.secret }, { status: 500 }),
    "/stream-fails": () => stream(setup.chunks(), { status: 500 }),
  };
  return async (request) => {
    try {
      return await (routes[new URL(request.url).pathname]?.(request) ?? new Response(null, { status: 404 }));
    } catch (error) {
      setup.onError(error);
      return new Response("Oh no", { status: 500 });
    }
  };
}

const subject: FrameworkContractSubject = {
  start(setup) {
    const handler = createHandler(setup);
    const fetch = setup.options === undefined ? handler : maintenancePage(handler, setup.options);
    return listen(createAdaptorServer({ fetch }) as Server);
  },
  skip: (request) => (request as Request).headers.has("x-skip"),
  address: "unknown",
  knowsErrors: false,
  closes: false,
};

for (const { name, run } of frameworkContract(subject)) test(name, run);
