import { connect } from "node:net";
import { once } from "node:events";
import { startFaultProxy, type FaultProxy, type NetworkFault } from "../servers/fault-proxy.ts";
import type { Strike } from "./subject.ts";
import { waitUntil } from "./wait-until.ts";

interface Server {
  readonly port: number;
  stop(): Promise<void>;
}

/** A server, the proxy in front of it, and an empty server of the same kind to fail over to. */
export interface Networked<Main extends Server = Server> {
  readonly main: Main;
  readonly proxy: FaultProxy;
  /** Starts it on first use. */
  spare(): Promise<Server>;
  stop(): Promise<void>;
}

export async function startNetworked<Main extends Server>(
  start: () => Promise<Main>,
): Promise<Networked<Main>> {
  const main = await start();
  const proxy = await startFaultProxy(main.port);
  let spare: Promise<Main> | undefined;
  return {
    main,
    proxy,
    spare: () => (spare ??= start()),
    async stop() {
      await proxy.stop();
      await Promise.all([main.stop(), (await spare)?.stop()]);
    },
  };
}

const reset = async ({ proxy, main }: Networked): Promise<void> => {
  proxy.set("none");
  proxy.lead(main.port);
};

function network(fault: NetworkFault, how: string, says: RegExp): Strike<Networked> {
  return {
    how,
    says,
    network: true,
    prepare: reset,
    begin: async ({ proxy }) => {
      proxy.set(fault);
      return () => {
        proxy.set("none");
      };
    },
    clear: reset,
  };
}

const anyReason = /could not be read \(.+\)\. Check that .+\.|did not answer .*\. Check that .+\./;

/** The same for every server. */
export const networkStrikes = {
  silent: network("silence", "the proxy takes connections and bytes, and answers nothing", anyReason),
  slow: network("delay", "the proxy hands on each answer 5 s later", anyReason),
  reset: network("reset", "the proxy hands on half of an answer and resets the connection", anyReason),
  garbage: network("garbage", "the proxy answers an HTTP error, or bytes that mean nothing", anyReason),
  replaced: {
    how: "the proxy leads to another server, which is empty",
    network: true,
    prepare: reset,
    begin: async (server) => {
      server.proxy.lead((await server.spare()).port);
      return () => {};
    },
    clear: reset,
  },
} satisfies Readonly<Record<string, Strike<Networked>>>;

export const refused = /ECONNREFUSED.*Check that the server is running/;

interface Signalled extends Server {
  kill(signal: NodeJS.Signals): void;
  /** By SIGKILL. */
  halt(): Promise<void>;
  restart(): Promise<void>;
}

/**
 * For every server that is one process.
 *
 * @param says What the command line says of a server that is stopped by SIGSTOP.
 */
export function signalStrikes(says: RegExp) {
  return {
    stopped: {
      how: "SIGTERM; started again",
      says: refused,
      begin: async ({ main }) => {
        main.kill("SIGTERM");
        await waitUntil(() => isRefused(main.port));
        return () => main.restart();
      },
    },
    killed: {
      how: "SIGKILL; started again with its data",
      says: refused,
      begin: async ({ main }) => {
        await main.halt();
        return () => main.restart();
      },
    },
    paused: {
      how: "SIGSTOP, SIGCONT 10 s later",
      says,
      begin: async ({ main }) => {
        main.kill("SIGSTOP");
        return () => {
          main.kill("SIGCONT");
        };
      },
    },
  } satisfies Readonly<Record<string, Strike<Networked<Signalled>>>>;
}

/** Whether nobody listens at a port of this machine. */
export async function isRefused(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}
