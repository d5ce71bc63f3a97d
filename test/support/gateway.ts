import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import type { Intermission } from "../../src/core/intermission.ts";
import { startGateway, type Gateway, type GatewaySettings } from "../../src/server/gateway/index.ts";
import { settled } from "./deploy-window.ts";
import { listen, type RunningServer } from "./http.ts";

export interface Upstream extends RunningServer {
  /** Method and target of each request received. */
  readonly asked: readonly string[];
}

/** An app behind a gateway, until the test ends. */
export async function startUpstream(listener: RequestListener | Server): Promise<Upstream> {
  const asked: string[] = [];
  const server = typeof listener === "function" ? createServer(listener) : listener;
  server.prependListener("request", ({ method, url }) => {
    asked.push(`${method ?? ""} ${url ?? ""}`);
  });
  const running = await listen(server);
  onTestFinished(async () => {
    if (server.listening) await running.close();
  });
  return { ...running, asked };
}

export type GatewayOptions = Partial<Omit<GatewaySettings, "upstreams">> & {
  readonly intermission?: Intermission;
};

/** A gateway on a free port, until the test ends. Upstreams are servers, or addresses. */
export async function startTestGateway(
  upstreams: readonly (Pick<RunningServer, "url"> | { readonly origin: string; readonly release?: string })[],
  { intermission, ...settings }: GatewayOptions = {},
): Promise<Gateway> {
  const judge = intermission ?? (await settled());
  const gateway = await startGateway(
    {
      upstreams: upstreams.map((upstream) => ("url" in upstream ? { origin: upstream.url } : upstream)),
      listen: { host: "127.0.0.1", port: 0 },
      asksAtStart: false,
      ...settings,
    },
    judge,
  );
  onTestFinished(async () => {
    void gateway.close();
    await gateway.close();
    await judge.close();
  });
  return gateway;
}

/** A new connection until the test ends, and what it received. */
export async function connectTo(
  url: string,
): Promise<{ readonly socket: Socket; readonly text: () => string; until(wanted: string): Promise<string> }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => {
    socket.destroy();
  });
  let received = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => (received += chunk));
  socket.on("error", () => {
    // A gateway may reset it: what came before counts.
  });
  await once(socket, "connect");
  return {
    socket,
    text: () => received,
    async until(wanted) {
      while (!received.includes(wanted)) {
        if (socket.closed) throw new Error(`It was closed after ${JSON.stringify(received)}`);
        await Promise.race([once(socket, "data"), once(socket, "close")]);
      }
      return received;
    },
  };
}

/** Sends raw bytes, and returns everything received until the connection closes. */
export async function sendRaw(url: string, bytes: string): Promise<string> {
  const { socket, text } = await connectTo(url);
  socket.write(bytes, "latin1");
  await once(socket, "close");
  return text();
}

/** An address where nobody listens. */
export async function nobody(): Promise<{ readonly url: string }> {
  const { url, close } = await listen(() => undefined);
  await close();
  return { url };
}
