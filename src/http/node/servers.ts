import { Server as HttpServer } from "node:http";
import { createServer, createSecureServer } from "node:http2";
import { Server as HttpsServer } from "node:https";

/** Of the servers of HTTP/2, whose classes Node hands out only through instances. */
export const http2ServerPrototypes: readonly object[] = [createServer(), createSecureServer()].map(
  (server): object => Object.getPrototypeOf(server) as object,
);

/** Of every HTTP server that Node has. */
export const httpServerPrototypes: readonly object[] = [
  HttpServer.prototype,
  HttpsServer.prototype,
  ...http2ServerPrototypes,
];
