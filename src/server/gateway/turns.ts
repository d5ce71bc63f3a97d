import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * One request of a connection at a time. Node hands over all that a visitor has pipelined at once; taken up side by side,
 * one visitor could fill every upstream, and a request could overtake the one that it depends on (RFC 9112 section 9.3.2).
 */
export interface Turns {
  /** Calls back when the requests before this one are answered. Not at all if the connection ends before. */
  enter(request: IncomingMessage, response: ServerResponse, start: () => void): void;
  /** Whether a request of this connection is under way. */
  isBusy(socket: Socket): boolean;
}

interface Line {
  /** The request under way. */
  current: IncomingMessage | undefined;
  readonly waiting: (() => void)[];
}

/** More requests than that make a connection wait until they are answered. */
const longestLine = 16;

/** How long a visitor may go on sending a body that is answered already. Milliseconds. */
const lingerFor = 10_000;

/** @param maximumWaiting Of all connections together. What waits beyond costs its connection. */
export function createTurns(maximumWaiting: number): Turns {
  const lines = new WeakMap<Socket, Line>();
  let waiting = 0;

  function lineOf(socket: Socket): Line {
    const known = lines.get(socket);
    if (known !== undefined) return known;
    const line: Line = { current: undefined, waiting: [] };
    lines.set(socket, line);
    socket.once("close", () => {
      waiting -= line.waiting.length;
      line.waiting.length = 0;
    });
    lingerOnClose(socket, line);
    return line;
  }

  return {
    enter(request, response, start) {
      const { socket } = request;
      const line = lineOf(socket);
      const begin = (): void => {
        line.current = request;
        response.on("finish", () => {
          if (!request.complete) linger(request, socket);
        });
        response.on("close", next);
        start();
      };
      const next = (): void => {
        line.current = undefined;
        if (socket.destroyed) return;
        const following = line.waiting.shift();
        if (following === undefined) return;
        waiting -= 1;
        if (line.waiting.length === 0) socket.resume();
        following();
      };
      if (line.current === undefined && line.waiting.length === 0) {
        begin();
        return;
      }
      line.waiting.push(begin);
      waiting += 1;
      if (waiting > maximumWaiting) socket.destroy();
      else if (line.waiting.length >= longestLine) socket.pause();
    },
    isBusy: (socket) => lines.get(socket)?.current !== undefined,
  };
}

/**
 * Takes the rest of a body that is answered already, and throws it away: many clients read nothing before they have sent
 * all, and closing the connection under them could take the answer with it (RFC 9112 section 9.6).
 */
function linger(request: IncomingMessage, socket: Socket): void {
  request.resume();
  const timer = setTimeout(() => socket.destroy(), lingerFor);
  timer.unref();
  const stop = (): void => {
    clearTimeout(timer);
    socket.off("close", stop);
  };
  request.once("end", stop);
  socket.once("close", stop);
}

/** Node's way to close a connection after an answer that says so: by then, the body may still be on its way. */
function lingerOnClose(socket: Socket, line: Line): void {
  const closeSoon = socket.destroySoon.bind(socket);
  socket.destroySoon = () => {
    const { current } = line;
    if (current === undefined || current.complete) {
      closeSoon();
      return;
    }
    socket.end();
    current.once("end", closeSoon);
    linger(current, socket);
  };
}
