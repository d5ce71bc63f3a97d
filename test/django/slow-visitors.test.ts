import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../cli/run-cli.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { findFreePort } from "../servers/free-port.ts";
import { startTestGateway } from "../support/gateway.ts";
import { visit } from "../support/http.ts";
import { startProgram } from "./program.ts";
import { canImport, python } from "./python.ts";

const size = 30_000_000;

/** It reads what it is sent, and answers with more than any buffer of the system holds. */
const app = `
def app(environ, start_response):
    length = len(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
    large = environ["PATH_INFO"] == "/large"
    body = b"x" * ${String(size)} if large else str(length).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
`;

async function connectTo(url: string, text: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  socket.write(text);
  return socket;
}

describeWithServer(
  "gunicorn's two sync workers behind the gateway",
  { available: canImport("gunicorn"), packageName: "gunicorn" },
  () => {
    test("serve a third visitor at once while one sends slowly and one takes nothing", async () => {
      const cwd = temporaryFolder();
      writeFileSync(join(cwd, "shop.py"), app);
      const origin = `http://127.0.0.1:${String(await findFreePort())}`;
      const bind = ["--bind", new URL(origin).host];
      startProgram(python, ["/usr/bin/gunicorn", "--workers", "2", ...bind, "shop:app"], { cwd });
      await expect
        .poll(async () => (await visit(origin).catch(() => undefined))?.status, { timeout: 20_000 })
        .toBe(200);
      const gateway = await startTestGateway([{ origin }]);

      const uploads = await Promise.all(
        [1, 2].map(() =>
          connectTo(gateway.url, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\nbegun"),
        ),
      );
      const downloads = await Promise.all(
        [1, 2].map(async () => {
          const socket = await connectTo(gateway.url, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
          socket.pause();
          return socket;
        }),
      );
      // All of both answers is off the workers, though nobody has taken it.
      await expect.poll(() => gateway.status().stored, { timeout: 20_000 }).toBeGreaterThan(size * 1.5);
      await expect.poll(() => gateway.status().upstreams[0]?.requests, { timeout: 20_000 }).toBe(0);
      expect(await visit(gateway.url, { timeout: 5000 })).toMatchObject({ status: 200, body: "0" });

      const [slow] = uploads;
      slow?.write("x".repeat(199_995));
      const [answer] = (await once(slow!, "data")) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 [^]*\r\n\r\n200000$/);
      let received = 0;
      downloads[0]?.on("data", (piece: Buffer) => (received += piece.byteLength));
      await expect.poll(() => received, { timeout: 20_000 }).toBeGreaterThan(size);
    });
  },
);
