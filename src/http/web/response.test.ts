import { Readable } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { H3 } from "h3";
import { describe, expect, test } from "vitest";
import { abandon, classOf } from "./response.ts";

const NativeResponse = Response;
const url = "http://localhost/";

/** An endless body, and a promise that it was cancelled. */
function createEndless(): { body: ReadableStream; stopped: Promise<void> } {
  let stop = (): void => undefined;
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  return { body: new ReadableStream({ cancel: stop }), stopped };
}

test("a native response has its stream stopped", async () => {
  const { body, stopped } = createEndless();
  const response = new NativeResponse(body);
  expect(classOf(response)).toBe(Response);
  abandon(response);
  await stopped;
});

test("one whose body is being read is left alone", async () => {
  const { body } = createEndless();
  const response = new NativeResponse(body);
  const reader = body.getReader();
  abandon(response);
  abandon(new NativeResponse(null));
  await Promise.resolve();
  expect(body.locked).toBe(true);
  await reader.cancel();
});

describe("of h3", () => {
  const answer = async (value: unknown): Promise<Response> =>
    new H3().get("/", () => value).fetch(new Request(url));

  test("the page is of the class that its server sends without a stream", async () => {
    const response = await answer("Oh no");
    const Kind = classOf(response);
    expect(Kind).not.toBe(NativeResponse);
    const page = new Kind(new TextEncoder().encode("Back soon"), { status: 503, headers: { "x-a": "b" } });
    expect([page.status, page.headers.get("x-a"), await page.text()]).toEqual([503, "b", "Back soon"]);
  });

  test("text needs no stopping, and a stream is stopped", async () => {
    abandon(await answer("Oh no"));
    const { body, stopped } = createEndless();
    abandon(await answer(body));
    await stopped;
  });

  test("a stream of Node is destroyed", async () => {
    const body = new Readable({ read: () => undefined });
    abandon(await answer(body));
    expect(body.destroyed).toBe(true);
  });
});

describe("of @hono/node-server", () => {
  // It replaces the global class with its own.
  getRequestListener(() => new NativeResponse());
  const LightResponse = Response;
  const isLight = (response: Response): boolean =>
    Object.getOwnPropertySymbols(response).some(({ description }) => description === "cache");

  test("text and bytes are left as they are, without a native response", () => {
    expect(LightResponse).not.toBe(NativeResponse);
    for (const body of ["Oh no", new Uint8Array(2), null]) {
      const response = new LightResponse(body, { status: 500 });
      abandon(response);
      expect(isLight(response)).toBe(true);
    }
  });

  test("a stream is stopped", async () => {
    const { body, stopped } = createEndless();
    abandon(new LightResponse(body, { status: 500 }));
    await stopped;
  });
});
