import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { midDeploy } from "../../../test/support/deploy-window.ts";
import { accept, failures, secret } from "../../../test/support/failing-listeners.ts";
import { intercept } from "./intercept.ts";

describe("HTTP/2 through its compatibility API", () => {
  test.each(Object.entries(failures).filter(([name]) => !/chunked|wrong length|flat list/.test(name)))(
    "a server error sent by %s becomes the page",
    async (_, listener) => {
      const intermission = await midDeploy();
      const server = createHttp2Server((request, response) => {
        const [http1Request, http1Response] = [request, response] as unknown as [
          IncomingMessage,
          ServerResponse,
        ];
        intercept(http1Request, http1Response, intermission);
        listener(http1Request, http1Response);
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const session = connectHttp2(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
      for (const method of ["GET", "HEAD"]) {
        const stream = session.request({ ":path": "/", ":method": method, accept });
        const [headers] = (await once(stream, "response")) as [Record<string, string | number>];
        let body = "";
        for await (const chunk of stream) body += String(chunk);
        expect(headers[":status"]).toBe(503);
        expect(headers["retry-after"]).toBe("60");
        expect(body.includes("</html>")).toBe(method === "GET");
        expect(body).not.toContain(secret);
      }
      session.close();
      server.close();
      await once(server, "close");
    },
  );

  test("keeps the page's own headers and the app's cookies alone, and sends no trailers", async () => {
    const intermission = await midDeploy({ keepHeaders: ["X-Tenant"] });
    const server = createHttp2Server((request, response) => {
      intercept(request as unknown as IncomingMessage, response as unknown as ServerResponse, intermission);
      response.setHeader("set-cookie", ["a=1", "b=2"]);
      response.setHeader("x-tenant", "7");
      response.setHeader("x-accel-expires", "3600");
      response.setHeader("content-security-policy", "frame-ancestors https://partner.example");
      response.addTrailers({ "server-timing": "db;desc=column-gone" });
      response.statusCode = 500;
      response.end("raw");
      response.addTrailers({ "x-error": "column gone" });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const session = connectHttp2(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
    const stream = session.request({ ":path": "/", accept });
    const trailers: unknown[] = [];
    stream.on("trailers", (headers) => trailers.push(headers));
    const [headers] = (await once(stream, "response")) as [Record<string, string | readonly string[]>];
    let body = "";
    for await (const chunk of stream) body += String(chunk);
    expect([headers["set-cookie"], headers["x-tenant"], headers["x-accel-expires"]]).toEqual([
      ["a=1", "b=2"],
      "7",
      undefined,
    ]);
    expect(headers["content-security-policy"]).toMatch(
      /^default-src 'none'.*frame-ancestors https:\/\/partner\.example$/,
    );
    expect(body).toContain("</html>");
    expect(trailers).toEqual([]);
    session.close();
    server.close();
    await once(server, "close");
  });
});
