import compression from "compression";
import type { RequestListener, ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { midDeploy, settled } from "../../../test/support/deploy-window.ts";
import { browser, secret, serve, serveBare } from "../../../test/support/failing-listeners.ts";
import { visit } from "../../../test/support/http.ts";
import { serve as serveListener } from "./listener.ts";

/** Wraps a response after it is watched, as Next.js's compression does. */
function compressed(listener: RequestListener): RequestListener {
  const wrap = compression({ threshold: 0 });
  return (request, response) => {
    // The types of `compression` are Express's, but its code needs only Node's.
    wrap(request as never, response as never, () => {
      listener(request, response);
    });
  };
}

const failures: Readonly<Record<string, (response: ServerResponse) => void>> = {
  flushHeaders(response) {
    response.flushHeaders();
    setImmediate(() => response.end(secret));
  },
  write(response) {
    response.write(secret);
    response.end();
  },
  end: (response) => response.end(secret),
  writeHead: (response) => response.writeHead(500).end(secret),
};

describe.each(Object.entries(failures))("a compressed response that begins with %s", (_, fail) => {
  const listener = compressed((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.statusCode = 500;
    fail(response);
  });

  // fetch decompresses the body, and rejects if it can't.
  test("becomes a page that can be read", async () => {
    const answer = await fetch(await serve(await midDeploy(), listener), browser);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toMatch(/<\/html>\s*$/);
  });

  test("is compressed as ever at any other time", async () => {
    const [bare, watched] = await Promise.all(
      [await serveBare(listener), await serve(await settled(), listener)].map(async (url) => {
        const response = await fetch(url, browser);
        const headers = { ...Object.fromEntries(response.headers), date: "" };
        return { status: response.status, headers, body: await response.text() };
      }),
    );
    expect(watched).toEqual(bare);
    expect(new Map(Object.entries(bare?.headers ?? {})).get("content-encoding")).toBe("gzip");
  });
});

test("a compressed response of which nothing was sent becomes a page that can be read", async () => {
  const intermission = await midDeploy();
  const failing = compressed(() => {
    throw new Error(secret);
  });
  const url = await serveBare((request, response) => {
    serveListener(request, response, intermission, () => {
      failing(request, response);
    });
  });
  const answer = await fetch(url, browser);
  expect(answer.status).toBe(503);
  expect(await answer.text()).toMatch(/<\/html>\s*$/);
});

test("headers that are set while the header begins to be sent stay, whatever begins it", async () => {
  const url = await serve(await midDeploy(), (_request, response) => {
    const { writeHead } = response;
    response.writeHead = function withSession(this: ServerResponse, ...parameters: unknown[]) {
      this.setHeader("set-cookie", "session=1");
      return Reflect.apply(writeHead, this, parameters) as ServerResponse;
    };
    response.statusCode = 500;
    response.flushHeaders();
    response.end(secret);
  });
  const { status, headers } = await fetch(url, browser);
  expect({ status, cookie: headers.get("set-cookie") }).toEqual({ status: 503, cookie: "session=1" });
});

test("what is added to the header of one page is not in the next", async () => {
  const intermission = await midDeploy();
  let visitors = 0;
  const url = await serveBare((request, response) => {
    const { writeHead } = response;
    const visitor = ++visitors;
    response.writeHead = function (status: number, headers: Record<string, string>) {
      if (visitor === 1) headers["set-cookie"] = "visitor=1";
      Reflect.apply(writeHead, response, [status, headers]);
      return response;
    } as typeof writeHead;
    serveListener(request, response, intermission, () => {
      response.writeHead(500, { "content-type": "text/plain" }).end(secret);
    });
  });
  const cookieOf = async (): Promise<string | null> => {
    const answer = await fetch(url, browser);
    expect(answer.status).toBe(503);
    return answer.headers.get("set-cookie");
  };
  expect([await cookieOf(), await cookieOf()]).toEqual(["visitor=1", null]);
});

test("a regular error has its length, though its header is made by a wrapper", async () => {
  const listener: RequestListener = (_, response) => {
    const { writeHead } = response;
    response.writeHead = function wrapped(
      this: typeof response,
      ...parameters: Parameters<typeof writeHead>
    ) {
      this.setHeader("x-late", "1");
      return Reflect.apply(writeHead, this, parameters);
    } as typeof writeHead;
    response.statusCode = 500;
    response.end(secret);
  };
  const [watched, bare] = [await serve(await settled(), listener), await serveBare(listener)];
  const [ours, plain] = [await visit(watched), await visit(bare)];
  expect(ours.headers["content-length"]).toBe(String(secret.length));
  expect({ ...ours.headers, date: "" }).toEqual({ ...plain.headers, date: "" });
});

test("a wrapper that knows no overload of end but its own is given that one", async () => {
  const seen: unknown[] = [];
  const url = await serveBare((request, response) => {
    const { end } = response;
    response.end = function wrapped(this: typeof response, chunk: unknown, encoding: unknown) {
      if (chunk !== undefined && typeof chunk !== "string" && !(chunk instanceof Uint8Array))
        throw new TypeError("no chunk");
      return Reflect.apply(end, this, [chunk, encoding]) as unknown;
    } as typeof end;
    void midDeploy().then((intermission) => {
      serveListener(request, response, intermission, () => {
        response.statusCode = 500;
        response.write(secret);
        response.end(secret, () => seen.push("called back"));
      });
    });
  });
  expect(await visit(url, browser)).toMatchObject({ status: 503 });
  expect(seen).toEqual(["called back"]);
});
