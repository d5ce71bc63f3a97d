import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { percentile } from "./statistics.js";

/* Visitors with their own HTTP/1.1. wrk sends no bodies without a script, and nothing slowly. */

const headers =
  "Host: shop.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: text/html,*/*;q=0.8\r\n" +
  "Accept-Language: en-US,en;q=0.9\r\nAccept-Encoding: gzip, deflate, br\r\nCookie: session=abcdef0123456789\r\n";
const upload = (length) => `Content-Type: text/plain\r\nContent-Length: ${length}\r\n\r\n`;

/** The measured requests, each with the length of its answer's body. */
export const requests = {
  "GET, 12 bytes": { bytes: Buffer.from(`GET /short HTTP/1.1\r\n${headers}\r\n`), answered: 12 },
  "GET, 100 kB": { bytes: Buffer.from(`GET /long HTTP/1.1\r\n${headers}\r\n`), answered: 100_000 },
  "POST, 12 bytes": {
    bytes: Buffer.from(`POST /short HTTP/1.1\r\n${headers}${upload(12)}Hello, world`),
    answered: 12,
  },
  "POST, 100 kB": {
    bytes: Buffer.from(`POST /short HTTP/1.1\r\n${headers}${upload(100_000)}${"x".repeat(100_000)}`),
    answered: 12,
  },
};

/**
 * Sends the request again and again over so many connections.
 *
 * @returns how many were answered, and the 99th percentile of their times in milliseconds.
 */
export async function visitFor(url, { bytes, answered }, { seconds, connections = 20 }) {
  const until = performance.now() + seconds * 1000;
  const times = [];
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = await open(url);
      await new Promise((resolve, reject) => {
        let begun = 0;
        let missing = -1;
        const next = () => {
          begun = performance.now();
          missing = -1;
          if (begun >= until) resolve();
          else socket.write(bytes);
        };
        socket.on("error", reject);
        socket.on("close", () => reject(new Error(`${url} closed a connection`)));
        socket.on("data", (piece) => {
          if (missing === -1) {
            const end = piece.indexOf("\r\n\r\n");
            if (end === -1 || piece.toString("latin1", 9, 12) !== "200") {
              reject(new Error(`${url} did not answer as it should: ${piece.toString("latin1", 0, 200)}`));
              return;
            }
            missing = answered - (piece.byteLength - end - 4);
          } else {
            missing -= piece.byteLength;
          }
          if (missing > 0) return;
          times.push(performance.now() - begun);
          next();
        });
        next();
      });
      socket.removeAllListeners("close").destroy();
    }),
  );
  return { count: times.length, p99: percentile(times, 0.99) };
}

/** Connections that were answered once and are kept open. */
export async function idle(url, count) {
  const sockets = [];
  for (let index = 0; index < count; index++) {
    const socket = await open(url);
    socket.write(requests["GET, 12 bytes"].bytes);
    await once(socket, "data");
    sockets.push(socket);
  }
  return () => sockets.forEach((socket) => socket.destroy());
}

/** Uploads that stop halfway. */
export async function upHalfWay(url, count, length) {
  const piece = Buffer.alloc(65_536, "x");
  const sockets = await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = await open(url);
      socket.write(`POST /short HTTP/1.1\r\n${headers}${upload(length)}`);
      for (let sent = 0; sent < length / 2; sent += piece.byteLength) {
        // A proxy that pauses has taken what it wants.
        if (!socket.write(piece)) await Promise.race([once(socket, "drain"), pause(2000)]);
      }
      return socket;
    }),
  );
  return () => sockets.forEach((socket) => socket.destroy());
}

async function open(url) {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, "connect");
  socket.on("error", () => socket.destroy());
  return socket;
}
