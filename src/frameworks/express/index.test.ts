import { request as sendRequest, type RequestListener } from "node:http";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import compression from "compression";
import express5, { type ErrorRequestHandler, type Express } from "express";
// @ts-expect-error: the types of Express 5 serve for both.
import express4 from "express4";
import { afterEach, describe, expect, test, vi } from "vitest";
import { midDeploy, settled } from "../../../test/support/deploy-window.ts";
import { listen, visit, type Answer, type RunningServer } from "../../../test/support/http.ts";
import type { Intermission } from "../../core/intermission.ts";
import type { MaskedError } from "../../core/settings/options.ts";
import { maintenancePage, rememberErrors } from "./index.ts";

const running: RunningServer[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(running.splice(0).map((server) => server.close()));
});

const secret = "column book.author does not exist";
const fail = (): never => {
  throw new Error(secret);
};

const versions: readonly (readonly [name: string, express: typeof express5])[] = [
  ["Express 4", express4],
  ["Express 5", express5],
];

describe.each(versions)("%s", (name, express) => {
  async function serve(
    intermission: Intermission,
    mount: (app: Express) => void,
    before?: (app: Express) => void,
  ) {
    // Except in tests, Express prints the stack of an unhandled error.
    const app = express().set("env", "test");
    before?.(app);
    app.use(maintenancePage({ intermission }));
    mount(app);
    const server = await listen(app as RequestListener);
    running.push(server);
    return server.url;
  }

  const accept = "text/html,*/*;q=0.8";
  const get = (url: string): Promise<Answer> => visit(url, { headers: { accept } });

  const isPage = ({ status, headers, body }: Answer): void => {
    expect(status).toBe(503);
    expect(headers["retry-after"]).toBe("60");
    expect(headers["content-type"]).toContain("text/html");
    expect(body).toContain("</html>");
    expect(body).not.toContain(secret);
  };

  const failing: Readonly<Record<string, (app: Express) => void>> = {
    "throws in a route": (app) => app.get("/", fail),
    "calls next with an error": (app) =>
      app.get("/", (_request, _response, next) => {
        next(new Error(secret));
      }),
    "sends 500 itself": (app) => app.get("/", (_request, response) => void response.status(500).send(secret)),
    "sends 500 as JSON": (app) =>
      app.get("/", (_request, response) => void response.status(500).json({ secret })),
    "sends a bare status": (app) => app.get("/", (_request, response) => void response.sendStatus(502)),
    "pipes a stream": (app) =>
      app.get("/", (_request, response) => {
        response.status(500);
        Readable.from([secret, secret]).pipe(response);
      }),
    "answers in its own error handler": (app) => {
      app.get("/", fail);
      const handler: ErrorRequestHandler = (error: Error, _request, response, _next) => {
        response.status(500).send(`<h1>${error.message}</h1>`);
      };
      app.use(handler);
    },
    "fails in a mounted router": (app) => {
      const router = express.Router();
      router.get("/", fail);
      app.use("/", router);
    },
    "fails in a mounted sub-app": (app) => app.use("/", express().set("env", "test").get("/", fail)),
    "throws an error with a status of its own": (app) =>
      app.get("/", () => {
        throw Object.assign(new Error(secret), { status: 507 });
      }),
    ...(name === "Express 5" && {
      "rejects in an async route": (app: Express) => app.get("/", () => Promise.reject(new Error(secret))),
    }),
  };

  test.each(Object.entries(failing))(
    "an app that %s gets the page while a deploy is on",
    async (_, mount) => {
      isPage(await get(await serve(await midDeploy(), mount)));
    },
  );

  test.each(Object.entries(failing))("an app that %s answers as ever at any other time", async (_, mount) => {
    const plain = express().set("env", "test");
    mount(plain);
    const bare = await listen(plain as RequestListener);
    running.push(bare);
    // In development Express shows a stack, where our own frame is the only difference.
    const timeless = ({ headers, status, body }: Answer): unknown => ({
      status,
      type: headers["content-type"],
      names: Object.keys(headers),
      body: body.replaceAll(/<br>.*<\/pre>/g, "</pre>"),
    });
    expect(timeless(await get(await serve(await settled(), mount)))).toEqual(timeless(await get(bare.url)));
  });

  test("a success, a redirect and a page that is not there are never touched", async () => {
    const url = await serve(await midDeploy(), (app) => {
      app.get("/", (_request, response) => void response.send("fine"));
      app.get("/old", (_request, response) => {
        response.redirect("/");
      });
    });
    expect(await get(url)).toMatchObject({ status: 200, body: "fine" });
    expect((await get(`${url}/old`)).status).toBe(302);
    expect((await get(`${url}/missing`)).status).toBe(404);
  });

  test("the app's own error handler is called once, with the error itself", async () => {
    const handled: unknown[] = [];
    const told: MaskedError[] = [];
    const error = new Error(secret);
    const url = await serve(await midDeploy({ onMasked: (masked) => told.push(masked) }), (app) => {
      app.get("/books/:id", () => {
        throw error;
      });
      app.use(rememberErrors());
      const handler: ErrorRequestHandler = (thrown, _request, response, _next) => {
        handled.push(thrown);
        response.sendStatus(500);
      };
      app.use(handler);
    });
    isPage(await get(`${url}/books/7?x=1`));
    expect(handled).toEqual([error]);
    expect(told).toMatchObject([{ error, path: "/books/7", status: 500 }]);
  });

  test("what nobody handles is logged by Express as ever, once", async () => {
    const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const url = await serve(await midDeploy(), (app) => app.set("env", "production").get("/", fail));
    isPage(await get(url));
    // Express logs after it answers.
    await vi.waitFor(() => {
      expect(log).toHaveBeenCalledTimes(1);
    });
    expect(String(log.mock.calls[0]?.[0])).toContain(secret);
  });

  test("the whole path counts inside of a mounted router", async () => {
    const url = await serve(await midDeploy({ exempt: ["/api/health"] }), (app) => {
      const router = express.Router();
      router.get(["/health", "/books"], fail);
      app.use("/api", router);
    });
    expect((await get(`${url}/api/health`)).status).toBe(500);
    expect((await get(`${url}/api/books`)).status).toBe(503);
  });

  describe.each(["on top", "below"])("with compression %s", (place) => {
    const mountFailure = (app: Express): void => {
      if (place === "on top")
        app.use(compression({ threshold: 0 }) as unknown as ReturnType<typeof express.Router>);
      app.get("/fine", (_request, response) => void response.type("text").send("fine ".repeat(500)));
      app.get("/", (_request, response) => void response.status(500).send(secret.repeat(200)));
      app.get("/stream", (_request, response) => {
        response.status(500).type("text");
        Readable.from(Array.from({ length: 100 }, () => secret)).pipe(response);
      });
    };
    const below = (app: Express): void => {
      if (place === "below")
        app.use(compression({ threshold: 0 }) as unknown as ReturnType<typeof express.Router>);
    };

    function getEncoded(
      url: string,
    ): Promise<{ encoding: string | undefined; status: number; body: string }> {
      return new Promise((resolve, reject) => {
        sendRequest(url, { agent: false, headers: { accept, "accept-encoding": "gzip" } }, (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => {
            const bytes = Buffer.concat(chunks);
            const encoding = response.headers["content-encoding"];
            const body = (encoding === "gzip" ? gunzipSync(bytes) : bytes).toString();
            resolve({ encoding, status: response.statusCode ?? 0, body });
          });
        })
          .on("error", reject)
          .end();
      });
    }

    test.each(["/", "/stream"])("an error of %s becomes a readable page", async (path) => {
      const url = await serve(await midDeploy(), mountFailure, below);
      const { status, body, encoding } = await getEncoded(url + path);
      expect(status).toBe(503);
      expect(body).toContain("</html>");
      expect(body).not.toContain(secret);
      expect(encoding).toBe("gzip");
    });

    test.each(["/", "/stream"])("a regular error of %s is compressed as ever", async (path) => {
      const url = await serve(await settled(), mountFailure, below);
      const { status, body, encoding } = await getEncoded(url + path);
      expect({ status, encoding }).toEqual({ status: 500, encoding: "gzip" });
      expect(body).toContain(secret);
    });

    test("a success is compressed as ever", async () => {
      const url = await serve(await midDeploy(), mountFailure, below);
      expect(await getEncoded(`${url}/fine`)).toEqual({
        status: 200,
        encoding: "gzip",
        body: "fine ".repeat(500),
      });
    });
  });
});
