import { connect } from "node:net";
import { once } from "node:events";
import type { FaultProxy, NetworkFault } from "../servers/fault-proxy.ts";
import type { Strike } from "./subject.ts";

/** A server, the proxy in front of it, and an empty server of the same kind to fail over to. */
export interface Networked {
  readonly port: number;
  readonly proxy: FaultProxy;
  /** Starts it on first use. */
  spare(): Promise<{ readonly port: number }>;
}

const reset = async ({ proxy, port }: Networked): Promise<void> => {
  proxy.set("none");
  proxy.lead(port);
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
