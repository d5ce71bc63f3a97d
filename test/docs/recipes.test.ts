import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { pathToFileURL } from "node:url";
import { SpanKind } from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import * as Sentry from "@sentry/node";
import fastify from "fastify";
import { afterAll, expect, test } from "vitest";
import type { MaskedError } from "../../src/core/settings/options.ts";
import { maintenancePage as fastifyPage } from "../../src/frameworks/fastify/index.ts";
import { maintenancePage } from "../../src/frameworks/node/index.ts";
import { midDeploy } from "../support/deploy-window.ts";
import { serve } from "../support/failing-listeners.ts";
import { visit } from "../support/http.ts";
import { readBlocks, root } from "./blocks.ts";

const folder = mkdtempSync(join(tmpdir(), "intermission-recipes-"));
symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The exports of a recipe in the document. */
async function recipe<Exports>(name: string): Promise<Exports> {
  const block = readBlocks("docs/logs-and-traces.md").find(({ check }) => check === `recipe ${name}`);
  if (block === undefined) throw new Error(`no recipe ${name}`);
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, block.text);
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Exports;
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === "/orders") response.writeHead(500).end("trace");
  else response.end("fine");
}

interface Lines {
  readonly stream: PassThrough;
  /** The lines written so far. */
  read(): readonly string[];
}

function lines(): Lines {
  const stream = new PassThrough();
  let text = "";
  stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return { stream, read: () => text.trimEnd().split("\n") };
}

type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** Requests a success and a masked error. */
async function visitBoth(url: string): Promise<void> {
  expect((await visit(url)).status).toBe(200);
  expect((await visit(`${url}/orders`)).status).toBe(503);
}

async function linesOf(name: string): Promise<readonly string[]> {
  const { logger } = await recipe<{ logger(stream: PassThrough): Middleware }>(name);
  const { stream, read } = lines();
  const log = logger(stream);
  const listener: RequestListener = (request, response) => {
    log(request, response, () => {
      answer(request, response);
    });
  };
  await visitBoth(await serve(await midDeploy(), listener));
  await expect.poll(() => read().length).toBe(2);
  return read();
}

test("pino-http", async () => {
  const [success, masked] = (await linesOf("pino-http")).map((line) => JSON.parse(line) as object);
  expect(masked).toMatchObject({ res: { statusCode: 503 }, appStatus: 500 });
  expect(success).not.toHaveProperty("appStatus");
});

test("morgan", async () => {
  expect(await linesOf("morgan")).toEqual(["GET / 200 app=-", "GET /orders 503 app=500"]);
});

test("Fastify's logger", async () => {
  const { logger } = await recipe<{ logger(stream: PassThrough): object }>("fastify");
  const { stream, read } = lines();
  const app = fastify({ logger: logger(stream) });
  await app.register(fastifyPage, { intermission: await midDeploy() });
  app.get("/", () => "fine");
  app.get("/orders", () => {
    throw new Error("trace");
  });
  await visitBoth(await app.listen({ port: 0, host: "127.0.0.1" }));
  const completed = (): readonly unknown[] =>
    read()
      .filter((line) => line.includes("request completed"))
      .map((line) => (JSON.parse(line) as { readonly res: unknown }).res);
  await expect.poll(completed).toEqual([{ statusCode: 200 }, { statusCode: 503, appStatus: 500 }]);
  await app.close();
});

test("OpenTelemetry", async () => {
  const { instrumentation } = await recipe<{
    instrumentation(): { setTracerProvider(provider: unknown): void; disable(): void };
  }>("opentelemetry");
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const http = instrumentation();
  http.setTracerProvider(provider);
  // It takes effect when the module is loaded.
  createRequire(import.meta.url)("node:http");
  try {
    await visitBoth(await serve(await midDeploy(), answer));
    const seen = (): readonly unknown[] =>
      exporter
        .getFinishedSpans()
        .filter(({ kind }) => kind === SpanKind.SERVER)
        .map(({ attributes }) => [
          attributes["http.response.status_code"] ?? attributes["http.status_code"],
          attributes["intermission.original_status"],
        ]);
    await expect.poll(seen).toEqual([
      [200, undefined],
      [503, 500],
    ]);
  } finally {
    http.disable();
  }
});

test("Sentry", async () => {
  const events: unknown[] = [];
  Sentry.init({
    dsn: "https://key@sentry.example/1",
    defaultIntegrations: false,
    beforeSend(event) {
      events.push(event);
      return null;
    },
  });
  const { onMasked } = await recipe<{ onMasked(masked: MaskedError): void }>("sentry");
  const intermission = await midDeploy({ onMasked });
  const listener = maintenancePage(
    () => {
      throw new Error("Column gone");
    },
    { intermission },
  );
  const url = await serve(intermission, listener);
  expect((await visit(url)).status).toBe(503);
  await expect.poll(() => events.length).toBe(1);
  expect(events).toMatchObject([
    {
      level: "warning",
      tags: { maintenance: "release-mismatch", appStatus: 500 },
      exception: { values: [{ value: "Column gone" }] },
    },
  ]);
  await Sentry.close();
});
