import { Readable } from "node:stream";
import {
  createApp,
  createError,
  createRouter,
  eventHandler,
  getHeader,
  readRawBody,
  sendNoContent,
  sendRedirect,
  sendStream,
  setResponseHeader,
  setResponseStatus,
  toNodeListener,
  useBase,
  type H3Event,
} from "h3v1";
import { afterEach, expect, test, vi } from "vitest";
import { midDeploy } from "../../../test/support/deploy-window.ts";
import { listen, visit, type RunningServer } from "../../../test/support/http.ts";
import { frameworkContract, type FrameworkContractSubject } from "../../testing/index.ts";
import { maintenancePage } from "./index.ts";

const subject: FrameworkContractSubject = {
  start(setup) {
    const app = createApp({
      onError(error, event) {
        if (error.statusCode !== 500) return;
        setup.onError(error.cause);
        setResponseStatus(event, 500);
        event.node.res.end("Oh no");
      },
    });
    if (setup.options !== undefined) maintenancePage(app, setup.options);

    const fail = eventHandler(() => {
      throw setup.error;
    });
    const plain = (event: H3Event): void => setResponseHeader(event, "content-type", "text/plain");
    const sent = eventHandler((event) => {
      for (const [name, value] of setup.failedHeaders) event.node.res.appendHeader(name, value);
      setResponseStatus(event, 500);
      return setup.secret;
    });
    const router = createRouter()
      .use("/mounted/**", useBase("/mounted", createRouter().get("/throws", fail).handler))
      .use(
        "/",
        eventHandler((event) => {
          plain(event);
          setResponseHeader(event, "x-request-id", "r1");
          return setup.greet();
        }),
      )
      .get(
        "/json",
        eventHandler(() => ({ hello: "world" })),
      )
      .get(
        "/empty",
        eventHandler((event) => sendNoContent(event)),
      )
      .get(
        "/old",
        eventHandler((event) => sendRedirect(event, "/")),
      )
      .get(
        "/refused",
        eventHandler((event) => {
          setResponseStatus(event, 422);
          return "No";
        }),
      )
      .get(
        "/busy",
        eventHandler((event) => {
          setResponseStatus(event, 503);
          setResponseHeader(event, "retry-after", 7);
          return "Busy";
        }),
      )
      .post(
        "/echo",
        eventHandler((event) => readRawBody(event)),
      )
      .get(
        "/stream",
        eventHandler((event) => sendStream(event, Readable.from(setup.chunks()))),
      )
      .get(
        "/late",
        eventHandler((event) => sendStream(event, Readable.from(setup.lateChunks()))),
      )
      .use("/throws", fail)
      .get(
        "/rejects",
        eventHandler(async () => {
          await new Promise(setImmediate);
          throw setup.error;
        }),
      )
      .use("/sent", sent)
      .get(
        "/sent-json",
        eventHandler((event) => {
          setResponseStatus(event, 500);
          return { error: setup.secret };
        }),
      )
      .get(
        "/stream-fails",
        eventHandler((event) => {
          setResponseStatus(event, 500);
          return sendStream(event, Readable.from(setup.chunks()));
        }),
      );
    app.use(router);
    return listen(toNodeListener(app));
  },
  skip: (event) => getHeader(event as H3Event, "x-skip") !== undefined,
  address: "connection",
  knowsErrors: true,
  closes: false,
};
for (const { name, run } of frameworkContract(subject)) test(name, run);

const running: RunningServer[] = [];
afterEach(() => Promise.all(running.splice(0).map((server) => server.close())));

test("what nobody handles is logged by h3 as ever, once", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const app = maintenancePage(createApp(), { intermission: await midDeploy() }).use(() => {
    throw new Error("no such column");
  });
  const server = await listen(toNodeListener(app));
  running.push(server);
  expect((await visit(server.url)).status).toBe(503);
  expect(log).toHaveBeenCalledTimes(1);
  log.mockRestore();
});

test("what a hook throws before any handler is asked is seen too, by a listener that was made before", async () => {
  const app = createApp({
    onRequest() {
      throw createError({ statusCode: 502, message: "no upstream" });
    },
  });
  const server = await listen(toNodeListener(app));
  running.push(server);
  expect((await visit(server.url)).status).toBe(502);
  maintenancePage(app, { intermission: await midDeploy() });
  expect((await visit(server.url)).status).toBe(503);
});
