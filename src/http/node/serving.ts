import { subscribe } from "node:diagnostics_channel";
import { httpServerPrototypes } from "./servers.ts";

interface Listening {
  listen(...parameters: readonly unknown[]): unknown;
}

/**
 * Calls back once, when the process begins to serve: as its first HTTP server is told to listen. Many a process never
 * does, though it was given the same `--import`: npm while the app runs that it started, a build, a worker thread.
 *
 * @param begin Not to throw.
 */
export function onceServing(begin: () => void): void {
  let begun = false;
  function beginOnce(): void {
    if (begun) return;
    begun = true;
    begin();
  }
  for (const prototype of httpServerPrototypes) {
    const owner = prototype as Listening;
    const listen = owner.listen;
    owner.listen = function listenWatched(this: unknown, ...parameters) {
      beginOnce();
      return Reflect.apply(listen, this, parameters);
    };
  }
  // A server may listen already; and one that is handed its connections never does.
  subscribe("http.server.request.start", beginOnce);
}
