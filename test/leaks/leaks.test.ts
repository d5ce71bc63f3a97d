import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, beforeAll, expect, test } from "vitest";
import { requireBuild } from "../support/built.ts";

const server = fileURLToPath(new URL("server.js", import.meta.url));
let child: ChildProcess | undefined;
beforeAll(requireBuild);

afterEach(() => {
  child?.kill("SIGKILL");
});

/** Sends so many requests over one connection, in batches, and resolves when all were answered. */
async function send(port: number, count: number): Promise<void> {
  const batch = 200;
  const socket = connect(port, "127.0.0.1");
  const request = "GET / HTTP/1.1\r\nHost: x\r\nAccept: text/plain\r\n\r\n".repeat(batch);
  const status = "HTTP/1.1 ";
  let answered = 0;
  let expected = 0;
  let cut = "";
  const next = (): void => {
    expected += batch;
    socket.write(request);
  };
  socket.on("data", (chunk: Buffer) => {
    const text = cut + chunk.toString("latin1");
    answered += text.split(status).length - 1;
    // A status line may be split between chunks.
    cut = text.slice(-(status.length - 1));
    if (answered >= count) socket.end();
    else if (answered >= expected) next();
  });
  next();
  await once(socket, "close");
}

test.each([
  ["errors that become the page", "1000", "v1.1"],
  ["errors that stay regular", "1000", "v1.0"],
  ["errors that wait for the store each time", "0", "v1.0"],
])(
  "100,000 requests with %s leave no listener and no buffer behind",
  async (_, freshFor, current) => {
    child = fork(server, [freshFor, current], { execArgv: ["--expose-gc"], env: {} });
    const [port] = (await once(child, "message")) as [number];
    const measure = async (): Promise<{ answers: number; mostListeners: number; heap: number }> => {
      child?.send("measure");
      const [figures] = (await once(child as ChildProcess, "message")) as [
        { answers: number; mostListeners: number; heap: number },
      ];
      return figures;
    };
    await send(port, 20_000);
    const early = await measure();
    await send(port, 80_000);
    const late = await measure();
    expect(late.answers).toBeGreaterThanOrEqual(100_000);
    expect(late.mostListeners).toBe(early.mostListeners);
    // A leaked response would be some kilobytes each: hundreds of megabytes. The collector's noise is a
    // megabyte.
    expect(late.heap - early.heap).toBeLessThan(1024 * 1024);
  },
  120_000,
);
