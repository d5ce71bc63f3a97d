import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Ignitor } from "@adonisjs/core";
import { defineConfig, ExceptionHandler, type Router } from "@adonisjs/core/http";
import { defineConfig as defineLogger } from "@adonisjs/core/logger";
import type { ApplicationService, HttpServerService } from "@adonisjs/core/types";
import type { RunningServer } from "./http.ts";

type Provider = () => Promise<{ default: new (app: ApplicationService) => object }>;

/** The files of an AdonisJS app. */
export interface AdonisFiles {
  /** From `adonisrc.ts`, in addition to the core's. */
  readonly providers: readonly Provider[];
  /** `config/<name>.ts`. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly trustProxy?: boolean;
  /** Where the logger writes. Left out: nowhere. */
  readonly log?: NodeJS.WritableStream;
  /** `start/kernel.ts` and `start/routes.ts`. */
  start(router: Router, server: HttpServerService): void;
}

/** An AdonisJS app running in this process, on a free port. */
export async function startAdonis(files: AdonisFiles): Promise<RunningServer> {
  // Spelled as in AdonisJS.
  const logger = { enabled: files.log !== undefined, ...(files.log && { desination: files.log }) };
  // Where it looks for files and finds none.
  const ignitor = new Ignitor(pathToFileURL(join(tmpdir(), "no-adonis-app/"))).tap((app) => {
    app.rcContents({
      providers: [() => import("@adonisjs/core/providers/app_provider"), ...files.providers],
      preloads: [
        async () => {
          files.start(await app.container.make("router"), await app.container.make("server"));
        },
      ],
    });
    app.useConfig({
      app: { appKey: "x".repeat(32), http: defineConfig({ trustProxy: files.trustProxy ?? false }) },
      logger: defineLogger({ default: "app", loggers: { app: logger } }),
      ...files.config,
    });
  });
  const { HOST, PORT } = process.env;
  Object.assign(process.env, { HOST: "127.0.0.1", PORT: "0" });
  let server: Server | undefined;
  try {
    await ignitor.httpServer().start((handler) => (server = createServer(handler)));
  } finally {
    restore({ HOST, PORT });
  }
  if (server === undefined) throw new Error("AdonisJS made no server");
  const running = server;
  if (!running.listening) await once(running, "listening");
  return {
    url: `http://127.0.0.1:${String((running.address() as AddressInfo).port)}`,
    server: running,
    async close() {
      running.closeAllConnections();
      await ignitor.terminate();
    },
  };
}

function restore(environment: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
}

/** `app/exceptions/handler.ts`, as in production. */
export class QuietHandler extends ExceptionHandler {
  override debug = false;
}
