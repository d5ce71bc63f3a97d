import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * One request of a connection at a time. Node hands over everything a visitor pipelined at once. In parallel,
 * one visitor could fill every upstream, and a request could overtake one it depends on (RFC 9112 section
 * 9.3.2).
 */
export interface Turns {
  /** Calls back when the earlier requests are answered. Never if the connection ends first. */
  enter(request: IncomingMessage, response: ServerResponse, start: () => void): void;
  /** Whether a request of this connection is in flight. */
  isBusy(socket: Socket): boolean;
}

interface Line {
  /** The request in flight. */
  current: IncomingMessage | undefined;
  readonly waiting: (() => void)[];
}

/** With more requests than this a connection is paused until they are answered. */
const longestLine = 16;

/** How long a visitor may go on sending a body that is already answered. Milliseconds. */
const lingerFor = 10_000;

/** @param maximumWaiting For all connections together. Beyond it, a waiting request costs its connection. */
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
 * Reads and discards the rest of a body that is already answered. Many clients read nothing before they have
 * sent everything, and closing the connection too early could lose the answer (RFC 9112 section 9.6).
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

/** Node's way to close a connection after `Connection: close`; the body may still be arriving by then. */
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
