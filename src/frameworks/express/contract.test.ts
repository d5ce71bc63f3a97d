import type { RequestListener } from "node:http";
import { Readable } from "node:stream";
import express5, { type ErrorRequestHandler } from "express";
// @ts-expect-error: the types of Express 5 serve for both.
import express4 from "express4";
import { describe, test } from "vitest";
import { listen } from "../../../test/support/http.ts";
import { frameworkContract, type FrameworkContractSubject } from "../../testing/index.ts";
import { maintenancePage, rememberErrors } from "./index.ts";

const versions: readonly (readonly [name: string, express: typeof express5])[] = [
  ["Express 4", express4],
  ["Express 5", express5],
];

describe.each(versions)("%s", (name, express) => {
  const subject: FrameworkContractSubject = {
    start(setup) {
      const app = express().set("env", "test").set("trust proxy", setup.trustProxy);
      if (setup.options !== undefined) app.use(maintenancePage(setup.options));

      const router = express.Router();
      router.get("/throws", () => {
        throw setup.error;
      });
      app.use("/mounted", router);
      app.get("/", (_request, response) => {
        response.type("text").set("x-request-id", "r1").send(setup.greet());
      });
      app.get("/json", (_request, response) => void response.json({ hello: "world" }));
      app.get("/empty", (_request, response) => void response.status(204).end());
      app.get("/old", (_request, response) => {
        response.redirect("/");
      });
      app.get("/refused", (_request, response) => void response.status(422).send("No"));
      app.get(
        "/busy",
        (_request, response) => void response.status(503).set("retry-after", "7").send("Busy"),
      );
      app.post("/echo", express.text({ limit: "1mb" }), (request, response) => {
        response.send(request.body);
      });
      app.get("/stream", (_request, response) => void Readable.from(setup.chunks()).pipe(response));
      app.get("/late", (_request, response) => {
        Readable.from(setup.lateChunks())
          .on("error", () => response.destroy())
          .pipe(response);
      });
      app.all("/throws", () => {
        throw setup.error;
      });
      // Express 4 ignores what a route returns.
      app.get("/rejects", async (_request, _response, next) => {
        await new Promise(setImmediate);
        if (name === "Express 5") throw setup.error;
        next(setup.error);
      });
      app.get("/sent", (_request, response) => {
        for (const [header, value] of setup.failedHeaders) response.append(header, value);
        response.status(500).send(setup.secret);
      });
      app.get("/sent-json", (_request, response) => void response.status(500).json({ error: setup.secret }));
      app.get("/stream-fails", (_request, response) => {
        Readable.from(setup.chunks()).pipe(response.status(500));
      });
      app.use(rememberErrors());
      const handler: ErrorRequestHandler = (error, _request, response, _next) => {
        setup.onError(error);
        response.status(500).send("Oh no");
      };
      app.use(handler);
      return listen(app as RequestListener);
    },
    skip: (request) => (request as express5.Request).get("x-skip") !== undefined,
    address: "proxy",
    knowsErrors: true,
    closes: false,
  };
  for (const { name: sentence, run } of frameworkContract(subject)) test(sentence, run);
});
