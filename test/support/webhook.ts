import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver of webhooks on loopback, with whatever manners. */
export interface Receiver {
  readonly url: string;
  readonly received: readonly Received[];
  /** How it answers from now on. */
  behave(answer: (response: ServerResponse) => void): void;
}

/** @param afterwards Tests that run at the same time hand in their own. */
export async function startReceiver(afterwards = onTestFinished): Promise<Receiver> {
  const received: Received[] = [];
  let answer = (response: ServerResponse): void => void response.writeHead(204).end();
  const server: Server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      received.push({ path: request.url ?? "", headers: request.headers, body });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterwards(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hush`,
    received,
    behave(next) {
      answer = next;
    },
  };
}

/** Faults of a receiver. */
export const faults: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "answers 500": (response) => void response.writeHead(500).end("<html>".repeat(1000)),
  redirects: (response) => void response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
  "is silent": () => {},
  "breaks off": (response) => void response.destroy(),
  "answers garbage": (response) => void response.socket?.end("garbage\r\n\r\n"),
};
