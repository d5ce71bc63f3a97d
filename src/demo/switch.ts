import { randomUUID } from "node:crypto";
import { Agent, request as askMachine, type IncomingMessage, type ServerResponse } from "node:http";
import type { Answer } from "./answers.ts";

export interface Backend {
  readonly name: string;
  readonly release: string;
  readonly port: number;
}

export interface SwitchOptions {
  /** The next machine in turn. undefined: none is up. */
  readonly next: () => Backend | undefined;
  readonly record: (answer: Answer) => void;
}

export interface Switch {
  handle(request: IncomingMessage, response: ServerResponse): void;
  close(): void;
}

/** Milliseconds a machine may be silent. */
const patience = 10_000;

// RFC 9110 7.6.1: they belong to one connection, and there are two.
const connectionHeaders = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** A round-robin reverse proxy: each request goes to the next machine. */
export function createSwitch({ next, record }: SwitchOptions): Switch {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 16 });

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const startedAt = Date.now();
    const requestId = randomUUID();
    let machine: Backend | undefined;

    response.once("finish", () => {
      record({
        requestId,
        at: startedAt,
        machine: machine?.name ?? null,
        release: machine?.release ?? null,
        method: request.method ?? "GET",
        path: (request.url ?? "/").replace(/\?.*$/s, "").slice(0, 200),
        status: response.statusCode,
        milliseconds: Date.now() - startedAt,
        visitor: request.headers["sec-fetch-dest"] === "iframe",
      });
    });

    const forward = (attempt: number): void => {
      machine = next();
      if (machine === undefined) {
        sendFailure(response, 502, "No machine is up.");
        return;
      }
      const upstream = askMachine({
        agent,
        host: "127.0.0.1",
        port: machine.port,
        method: request.method,
        path: request.url,
        headers: { ...passOn(request.headers), "x-request-id": requestId },
        timeout: patience,
      });
      const giveUp = (): void => {
        upstream.destroy();
      };
      response.once("close", giveUp);
      upstream.once("timeout", () => {
        upstream.destroy(new Error("The machine did not answer."));
      });
      upstream.once("response", (answer) => {
        response.writeHead(answer.statusCode ?? 502, passOn(answer.headers));
        answer.once("error", () => response.destroy());
        answer.pipe(response);
      });
      upstream.once("error", (error) => {
        response.off("close", giveUp);
        if (response.headersSent || response.destroyed) {
          response.destroy();
        } else if (attempt === 1 && isRepeatable(request)) {
          // The machine just went down, or just closed this connection: try the next.
          forward(2);
        } else {
          sendFailure(response, 502, error.message);
        }
      });
      if (isRepeatable(request)) upstream.end();
      else request.pipe(upstream);
    };

    forward(1);
  }

  return {
    handle,
    close() {
      agent.destroy();
    },
  };
}

function isRepeatable({ method, headers }: IncomingMessage): boolean {
  const bodiless = headers["content-length"] === undefined && headers["transfer-encoding"] === undefined;
  return bodiless && (method === "GET" || method === "HEAD");
}

function passOn(headers: IncomingMessage["headers"]): Record<string, string | string[]> {
  const passed: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !connectionHeaders.has(name)) passed[name] = value;
  }
  return passed;
}

function sendFailure(response: ServerResponse, status: number, reason: string): void {
  const body = `Bad Gateway\n${reason}\n`;
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}
