import { once } from "node:events";
import { connect, createServer } from "node:http2";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import { serve } from "../../src/http/node/listener.ts";
import { watchProcess } from "../../src/http/node/process.ts";
import type { Intermission } from "../../src/core/intermission.ts";
import { instance } from "./instance.ts";
import { commonShapes, secret, type Shape } from "./shapes.ts";

interface Observation {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly notes: readonly string[];
}

const warnings: string[] = [];
process.on("warning", ({ name, message }) => warnings.push(`${name}: ${message}`));
afterEach(() => {
  expect(warnings.splice(0).filter((warning) => warning.includes("Status message"))).toEqual([]);
});

let judge: Intermission | undefined;
watchProcess({ intermission: () => judge });

/** @param intermission undefined: none. */
async function observe(
  way: string,
  shape: Shape,
  method: string,
  intermission?: Intermission,
): Promise<Observation> {
  judge = way === "auto" ? intermission : undefined;
  const notes: string[] = [];
  let answered!: () => void;
  const closed = new Promise<void>((resolve) => (answered = resolve));
  const answer = (request: IncomingMessage, response: ServerResponse): unknown => {
    for (const event of ["finish", "close"]) response.on(event, () => notes.push(`event ${event}`));
    response.on("close", answered);
    response.statusCode = 500;
    return shape(
      response,
      (what, seen) => notes.push(seen === undefined ? what : `${what}: ${JSON.stringify(seen)}`),
      request,
    );
  };
  const server = createServer((message, compatible) => {
    const [request, response] = [message, compatible] as unknown as [IncomingMessage, ServerResponse];
    if (intermission === undefined || way === "auto") answer(request, response);
    else void serve(request, response, intermission, () => answer(request, response));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const session = connect(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  const stream = session.request({ ":path": "/", ":method": method, accept: "text/html" });
  const [headers] = (await once(stream, "response")) as [Readonly<Record<string, unknown>>];
  const body = await text(stream);
  await closed;
  session.close();
  server.close();
  return { headers: { ...headers, date: "now" }, body, notes: notes.toSorted() };
}

const shapes = Object.entries(commonShapes).flatMap(([name, shape]) =>
  ["GET", "HEAD"]
    .map((method) => ({ name, shape, method }))
    // Node never ends a stream piped into the answer to an HTTP/2 HEAD request.
    .filter((one) => one.method === "GET" || !name.includes("pipe")),
);

const ways = ["adapter", "auto"];

describe.each(ways)(
  "with %s, an answer over HTTP/2 that stays regular is the same, and so is what the app sees",
  (way) => {
    test.each(shapes)("$name ($method)", async ({ shape, method }) => {
      const bare = await observe(way, shape, method);
      expect(await observe(way, shape, method, instance("v1.0")), "while its verdict waits").toEqual(bare);
      const settled = instance("v1.0");
      await settled.ready();
      expect(await observe(way, shape, method, settled), "when its verdict is known").toEqual(bare);
    });
  },
);

describe.each(ways)(
  "with %s, an answer over HTTP/2 that becomes the page is whole, and calls back as ever",
  (way) => {
    test.each(shapes)("$name ($method)", async ({ shape, method }) => {
      const calls = ({ notes }: Observation): readonly string[] =>
        notes.filter((note) => /^(?:called back|event)/.test(note));
      const bare = await observe(way, shape, method);
      const old = instance("v1.1");
      for (const kind of ["held", "known"]) {
        const masked = await observe(way, shape, method, kind === "held" ? instance("v1.1") : old);
        if (kind === "held") await old.ready();
        expect(masked.headers[":status"], kind).toBe(503);
        expect(masked.body, kind).not.toContain(secret.slice(0, 10));
        if (method === "GET")
          expect(masked.headers["content-length"], kind).toBe(String(Buffer.byteLength(masked.body)));
        expect(calls(masked), kind).toEqual(calls(bare));
      }
    });
  },
);
