import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { midDeploy } from "../../../test/support/deploy-window.ts";
import { connectTo, nobody, startTestGateway, startUpstream } from "../../../test/support/gateway.ts";
import { visit } from "../../../test/support/http.ts";
import { startGateway } from "./index.ts";

const local = { host: "127.0.0.1", port: 0 };

describe("a gateway that is closed", () => {
  test("answers what was asked, keeps no connection, and takes no new one", async () => {
    let answer = (): void => {};
    const upstream = await startUpstream((_, response) => {
      answer = () => response.end("late");
    });
    const gateway = await startTestGateway([upstream]);
    const { socket, until } = await connectTo(gateway.url);
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await once(upstream.server, "request");
    const closed = gateway.close();
    await expect(visit(gateway.url)).rejects.toThrow("ECONNREFUSED");
    answer();
    await until("late");
    await closed;
    await once(socket, "close");
  });

  test("waits for a request no longer than it should, and not at all when it is told twice", async () => {
    const upstream = await startUpstream(() => undefined);
    for (const drain of [20, 60_000]) {
      const gateway = await startTestGateway([upstream], { drain });
      const { socket } = await connectTo(gateway.url);
      socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      await once(upstream.server, "request");
      const closed = gateway.close();
      if (drain > 1000) void gateway.close();
      await closed;
      if (!socket.closed) await once(socket, "close");
    }
  });

  test("ends tunnels and sends away who waits", async () => {
    const upstream = await startUpstream(() => undefined);
    new WebSocketServer({ server: upstream.server });
    const gateway = await startTestGateway([upstream]);
    const tunnel = new WebSocket(gateway.url.replace("http", "ws"));
    await once(tunnel, "open");
    await Promise.all([gateway.close(), once(tunnel, "close")]);

    const holding = await startTestGateway([await nobody()], { hold: 60_000 });
    const waiting = visit(holding.url);
    while (holding.counts.held < 1) await new Promise((resolve) => setImmediate(resolve));
    await holding.close();
    expect((await waiting).status).toBe(502);
  });
});

describe("a gateway that can't listen", () => {
  test("says why, and leaves nothing behind", async () => {
    const { url } = await startUpstream(() => undefined);
    const taken = { host: "127.0.0.1", port: Number(new URL(url).port) };
    const intermission = await midDeploy();
    const upstreams = [{ origin: url }];
    await expect(startGateway({ upstreams, listen: taken }, intermission)).rejects.toThrow("EADDRINUSE");
    await expect(startGateway({ upstreams, listen: local, control: taken }, intermission)).rejects.toThrow(
      "EADDRINUSE",
    );
    await intermission.close();
  });
});

describe("the control listener", () => {
  test("tells health and metrics, and visitors' paths stay theirs", async () => {
    const upstream = await startUpstream((_, response) => {
      response.writeHead(500, { "X-Release": "v1.0" }).end("app");
    });
    const gateway = await startTestGateway([upstream], { control: local, intermission: await midDeploy() });
    expect((await visit(`${gateway.url}/healthz`)).status).toBe(503);
    expect(upstream.asked).toEqual(["GET /healthz"]);
    const control = gateway.controlUrl ?? "";
    const health = await visit(`${control}/healthz`);
    expect(JSON.parse(health.body)).toEqual({
      status: "ok",
      upstreams: [{ url: upstream.url, up: true, release: "v1.0" }],
    });
    const { body } = await visit(`${control}/metrics`);
    expect(body).toContain("\nintermission_gateway_masked_errors_total 1\n");
    expect(body).toContain(`\nintermission_gateway_upstream_up{upstream="${upstream.url}"} 1\n`);
    expect((await visit(`${control}/other`)).status).toBe(404);
    expect((await visit(`${control}/healthz`, { method: "POST" })).status).toBe(405);
  });
});

test("more connections than there may be are closed at once", async () => {
  const upstream = await startUpstream((_, response) => response.end("app"));
  const { url } = await startTestGateway([upstream], { maximumConnections: 1 });
  await connectTo(url);
  await expect(visit(url)).rejects.toThrow();
});
