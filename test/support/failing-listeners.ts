import type { RequestListener } from "node:http";
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { afterEach, expect } from "vitest";
import type { Intermission } from "../../src/core/intermission.ts";
import { intercept } from "../../src/http/node/intercept.ts";
import { listen, type Answer, type RunningServer } from "./http.ts";

const running: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

/** Serves a listener until the test ends. Returns its address. */
export async function serveBare(listener: RequestListener): Promise<string> {
  const server = await listen(listener);
  running.push(server);
  return server.url;
}

/** The same, with its responses watched. */
export function serve(intermission: Intermission, listener: RequestListener): Promise<string> {
  return serveBare((request, response) => {
    intercept(request, response, intermission);
    listener(request, response);
  });
}

export const accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
export const browser = { headers: { accept } };
export const secret = "column book.author does not exist";

/** Every way an app can send a server error. */
export const failures: Readonly<Record<string, RequestListener>> = {
  "statusCode and end(body)": (_, response) => {
    response.statusCode = 500;
    response.end(secret);
  },
  "statusCode and end() alone": (_, response) => {
    response.statusCode = 502;
    response.end();
  },
  "statusCode, write and end": (_, response) => {
    response.statusCode = 500;
    response.write(secret);
    response.write(secret);
    response.end(secret);
  },
  "writeHead and end(body)": (_, response) => {
    response.writeHead(500, { "content-type": "text/plain" }).end(secret);
  },
  "writeHead with a reason phrase": (_, response) => {
    response.writeHead(500, "Kaputt", { "content-length": secret.length }).end(secret);
  },
  "writeHead with a flat list of headers": (_, response) => {
    response.writeHead(500, ["content-type", "text/plain", "x-a", "b"]).end(secret);
  },
  "writeHead and a later end": (_, response) => {
    response.writeHead(599);
    setImmediate(() => response.end(secret));
  },
  "flushHeaders and a later body": (_, response) => {
    response.statusCode = 500;
    response.flushHeaders();
    setImmediate(() => response.end(secret));
  },
  "a body with a wrong length": (_, response) => {
    response.statusCode = 500;
    response.setHeader("content-length", 3);
    response.end(secret);
  },
  "a chunked body with trailers": (_, response) => {
    response.writeHead(500, { trailer: "x-sum", "transfer-encoding": "chunked" });
    response.write(secret);
    response.addTrailers({ "x-sum": "1" });
    response.end();
  },
  "a stream piped into it": (_, response) => {
    response.statusCode = 500;
    Readable.from(Array.from({ length: 50 }, () => secret)).pipe(response);
  },
  "a pipeline of large chunks": (_, response) => {
    response.statusCode = 500;
    const chunks = Readable.from(Array.from({ length: 50 }, () => Buffer.alloc(16_384, "x")));
    pipeline(chunks, response).catch(() => {
      // The visitor has left.
    });
  },
  "a body after some time": (_, response) => {
    setImmediate(() => {
      response.statusCode = 500;
      response.end(Buffer.from(secret));
    });
  },
};

/** Fails unless the answer is the page, complete and with its headers. */
export function expectPage(answer: Answer): void {
  expect(answer.status).toBe(503);
  expect(answer.statusMessage).toBe("Service Unavailable");
  expect(answer.headers["retry-after"]).toBe("60");
  expect(answer.headers["cache-control"]).toBe("no-store");
  expect(answer.headers["content-type"]).toContain("text/html");
  expect(answer.headers["content-length"]).toBe(String(Buffer.byteLength(answer.body)));
  expect(answer.headers["transfer-encoding"]).toBeUndefined();
  expect(answer.body).toContain("</html>");
  expect(answer.body).not.toContain(secret);
}
