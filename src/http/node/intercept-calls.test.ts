import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { describe, expect, test } from "vitest";
import { midDeploy, settled } from "../../../test/support/deploy-window.ts";
import { browser, expectPage, secret, serve } from "../../../test/support/failing-listeners.ts";
import { visit } from "../../../test/support/http.ts";
import type { MaskedError } from "../../core/settings/options.ts";

describe("the app's own calls", () => {
  const events: readonly [string, (response: ServerResponse) => void][] = [
    ["end(body, callback)", (response) => response.end("x", () => response.emit("test:callback"))],
    ["end(callback)", (response) => response.end(() => response.emit("test:callback"))],
    [
      "write with a callback, then end",
      (response) => {
        response.write("x", () => response.emit("test:callback"));
        response.end();
      },
    ],
    [
      "writeHead, then end with a callback",
      (response) => response.writeHead(500).end("x", "utf8", () => response.emit("test:callback")),
    ],
  ];

  for (const [when, make] of [
    ["masked", midDeploy],
    ["regular", settled],
  ] as const) {
    test.each(events)(`are called back once, with finish and close, after %s (${when})`, async (_, act) => {
      const counts = { callback: 0, finish: 0, close: 0 };
      const closed = new Promise<void>((resolve) => {
        void make().then(async (intermission) => {
          const url = await serve(intermission, (_request, response) => {
            response.on("test:callback", () => counts.callback++);
            response.on("finish", () => counts.finish++);
            response.on("close", () => {
              counts.close++;
              resolve();
            });
            response.statusCode = 500;
            act(response);
          });
          await visit(url);
        });
      });
      await closed;
      expect(counts).toEqual({ callback: 1, finish: 1, close: 1 });
    });
  }

  test("see a response that was answered: headersSent, writableEnded, statusCode", async () => {
    const seen: unknown[] = [];
    const url = await serve(await midDeploy(), (_, response) => {
      response.statusCode = 500;
      response.end("x");
      seen.push(response.headersSent, response.writableEnded, response.statusCode);
    });
    await visit(url);
    expect(seen).toEqual([true, true, 503]);
  });

  test("see a pipeline through to its end", async () => {
    let outcome: unknown;
    const url = await serve(await midDeploy(), (_, response) => {
      response.statusCode = 500;
      outcome = pipeline(Readable.from(["a", "b", "c"]), response);
    });
    expectPage(await visit(url, browser));
    await expect(outcome).resolves.toBeUndefined();
  });
});

describe("onMasked", () => {
  test("is told what was hidden, and an error in it hurts nobody", async () => {
    const told: MaskedError[] = [];
    const url = await serve(
      await midDeploy({
        onMasked: (masked) => {
          told.push(masked);
          throw new Error("my own mistake");
        },
      }),
      (_, response) => response.writeHead(502).end(secret),
    );
    expectPage(await visit(`${url}/books?page=2`, { ...browser, method: "POST" }));
    expect(told).toMatchObject([
      {
        status: 502,
        method: "POST",
        path: "/books",
        instanceRelease: "v1.0",
        currentRelease: "v1.1",
        reason: "release-mismatch",
      },
    ]);
  });

  test("is told nothing of what stayed regular", async () => {
    const told: MaskedError[] = [];
    const url = await serve(await settled({ onMasked: (masked) => told.push(masked) }), (_, response) =>
      response.writeHead(500).end(),
    );
    await visit(url);
    expect(told).toEqual([]);
  });
});
