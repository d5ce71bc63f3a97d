import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect, type AddressInfo } from "node:net";
import type { Note, Shape } from "./shapes.ts";

/** What the client received, and what the app saw. */
export interface Observation {
  /** Byte for byte, except the date. */
  readonly received: string;
  readonly notes: readonly string[];
}

export type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

/**
 * Requests an answer of a shape on a new connection, with a slow request before it and another after it, all
 * sent at once.
 *
 * @param wrap Turns the app's listener into what is served.
 */
export async function observe(
  shape: Shape,
  method: "GET" | "HEAD",
  position: "first" | "behind",
  wrap: (listener: Listener) => Listener,
): Promise<Observation> {
  const notes: string[] = [];
  const note: Note = (what, seen) =>
    notes.push(seen === undefined ? what : `${what}: ${JSON.stringify(seen)}`);
  let answered!: () => void;
  const closed = new Promise<void>((resolve) => (answered = resolve));
  const server = createServer(
    wrap((request, response) => {
      if (request.url !== "/shape") {
        setImmediate(() => response.end(`${String(request.url)} is answered`));
        return undefined;
      }
      for (const event of ["finish", "close"]) response.on(event, () => note(`event ${event}`));
      response.on("close", answered);
      response.statusCode = 500;
      return shape(response, note, request);
    }),
  );
  const { port } = await listening(server);
  const socket = connect(port, "127.0.0.1");
  const ask = (path: string, as = "GET", headers = ""): string =>
    `${as} ${path} HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n${headers}\r\n`;
  socket.write(
    (position === "behind" ? ask("/before") : "") +
      ask("/shape", method) +
      ask("/after", "GET", "Connection: close\r\n"),
  );
  let received = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => (received += chunk));
  socket.on("error", () => undefined);
  await Promise.all([once(socket, "close"), closed]);
  server.close();
  return {
    received: received.replaceAll(/\r\nDate: [^\r]*/g, "\r\nDate: now"),
    // The order of two callbacks depends on the connection's speed.
    notes: [...notes.filter((one) => !isLate(one)), ...notes.filter(isLate).toSorted()],
  };
}

function isLate(note: string): boolean {
  return /^(?:event|called back|error)/.test(note);
}

async function listening(server: Server): Promise<AddressInfo> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.address() as AddressInfo;
}
