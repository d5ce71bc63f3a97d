import type { IncomingMessage, ServerResponse } from "node:http";
import type { Store } from "../core/ports.ts";
import { sqliteStore } from "../stores/sqlite/index.ts";
import { createFleet } from "./fleet.ts";

/** Shows a store in a browser. Its addresses are relative to where it is mounted. */
export type ConsoleMaker = (store: Store) => ((
  request: IncomingMessage,
  response: ServerResponse,
) => void) & {
  close(): void;
};

/** The console of the demonstration's own deploy, and of one with twelve instances. */
export interface Consoles {
  /** False: the request is not for them. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  close(): Promise<void>;
}

export const consolePath = "/-/console/";
export const fleetPath = "/-/twelve/";

/** @param storePath The demonstration's store: each round has a new one. */
export function createConsoles(show: ConsoleMaker, storePath: () => string): Consoles {
  const fleet = createFleet({ warn: (line) => process.stderr.write(`${line}\n`) });
  const ofFleet = show(fleet.store);
  let own: { readonly path: string; readonly listener: ReturnType<ConsoleMaker>; close(): void } | undefined;

  function ownListener(): ReturnType<ConsoleMaker> {
    const path = storePath();
    if (own?.path === path) return own.listener;
    own?.close();
    const store = sqliteStore({ path });
    const listener = show(store);
    own = {
      path,
      listener,
      close() {
        listener.close();
        void store.close();
      },
    };
    return listener;
  }

  function handle(request: IncomingMessage, response: ServerResponse): boolean {
    const url = request.url ?? "/";
    const mount = [consolePath, fleetPath].find((path) => url.startsWith(path));
    if (mount === undefined) return false;
    if (url === `${fleetPath}?play` && request.method === "GET") {
      fleet.play();
      response.writeHead(303, { location: fleetPath, "cache-control": "no-store" }).end();
      return true;
    }
    Object.assign(request, { originalUrl: url, url: url.slice(mount.length - 1) });
    (mount === consolePath ? ownListener() : ofFleet)(request, response);
    return true;
  }

  return {
    handle,
    async close() {
      own?.close();
      ofFleet.close();
      await fleet.close();
    },
  };
}
