import type { FrameworkContractSetup } from "../../src/testing/index.ts";

/** How a framework refuses and redirects. */
export interface Means {
  error(status: number, message: string): unknown;
  redirect(status: number, location: string): unknown;
}

const bodyOf = (chunks: AsyncIterable<string>): ReadableStream =>
  ReadableStream.from(chunks).pipeThrough(new TextEncoderStream());

/** The app of the contract, for frameworks with Fetch-style endpoints. */
export function createAnswer(
  setup: FrameworkContractSetup,
): (request: Request, means: Means) => Promise<unknown> {
  const fail = (): never => {
    throw setup.error;
  };
  const routes: Readonly<Record<string, (request: Request, means: Means) => unknown>> = {
    "/": () =>
      new Response(setup.greet(), { headers: { "content-type": "text/plain", "x-request-id": "r1" } }),
    "/json": () => Response.json({ hello: "world" }),
    "/empty": () => new Response(null, { status: 204 }),
    "/old": (_, { redirect }) => redirect(302, "/"),
    "/refused": (_, { error }) => error(422, "No"),
    "/busy": () => new Response("Busy", { status: 503, headers: { "retry-after": "7" } }),
    "/echo": async (request) => new Response(await request.text()),
    "/stream": () => new Response(bodyOf(setup.chunks())),
    "/late": () => new Response(bodyOf(setup.lateChunks())),
    "/throws": fail,
    "/mounted/throws": fail,
    "/rejects": () => new Promise(setImmediate).then(fail),
    "/sent": () => {
      const headers = new Headers();
      for (const [name, value] of setup.failedHeaders) headers.append(name, value);
      return new Response(setup.secret, { status: 500, headers });
    },
    "/sent-json": () => Response.json({ error: setup.secret }, { status: 500 }),
    "/stream-fails": () => new Response(bodyOf(setup.chunks()), { status: 500 }),
  };
  return async (request, means) => {
    const route = routes[new URL(request.url).pathname];
    return route === undefined ? means.error(404, "Not Found") : route(request, means);
  };
}
