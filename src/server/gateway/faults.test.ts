import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { request as sendRequest } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { midDeploy } from "../../../test/support/deploy-window.ts";
import { connectTo, startTestGateway, startUpstream } from "../../../test/support/gateway.ts";
import { visit } from "../../../test/support/http.ts";

/** An upstream that sends these bytes for each request, then does something with the connection. */
async function rawUpstream(meet: (socket: Socket) => void): Promise<{ readonly url: string }> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      meet(socket);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${String((server.address() as { readonly port: number }).port)}` };
}

const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const pause = async (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("a visitor who is slower than the upstream", () => {
  test.each([
    [
      "which closes its connection after the answer",
      "Connection: close\r\nContent-Length: 6000000\r\n\r\n",
      true,
    ],
    ["which keeps its connection", "Content-Length: 6000000\r\n\r\n", false],
    ["which says no length", "Connection: close\r\n\r\n", true],
  ])("gets all of an answer of one %s", async (_, head, closes) => {
    const upstream = await rawUpstream((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${head}`);
      socket.write(Buffer.alloc(6_000_000, "x"), () => {
        if (closes) socket.end();
      });
    });
    const { url } = await startTestGateway([upstream]);
    const length = await new Promise<number>((resolve, reject) => {
      sendRequest(url, { agent: false }, (answer) => {
        let received = 0;
        answer.on("data", (piece: Buffer) => {
          received += piece.byteLength;
          answer.pause();
          setTimeout(() => answer.resume(), 1);
        });
        answer.on("end", () => {
          resolve(received);
        });
        answer.on("error", reject);
      })
        .on("error", reject)
        .end();
    });
    expect(length).toBe(6_000_000);
  });

  test("does not keep the upstream busy: one worker serves the next", async () => {
    let busy = 0;
    const upstream = await startUpstream((request, response) => {
      busy += 1;
      response.on("finish", () => (busy -= 1));
      response.end(request.url === "/large" ? Buffer.alloc(20_000_000) : "small");
    });
    const { url } = await startTestGateway([upstream], { maximumUpstreamConnections: 1 });
    const { socket } = await connectTo(url);
    socket.pause();
    socket.write("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    await once(upstream.server, "request");
    expect((await visit(`${url}/small`)).body).toBe("small");
    expect(busy).toBe(0);
    const slow = await connectTo(url);
    slow.socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nx");
    await pause(50);
    expect((await visit(`${url}/small`)).body).toBe("small");
    expect(upstream.asked).not.toContain("POST /");
  });

  test("and takes nothing at all is let go", async () => {
    const upstream = await startUpstream((_, response) => response.end(Buffer.alloc(30_000_000)));
    const { url } = await startTestGateway([upstream], { sendTimeout: 100 });
    const { socket } = await connectTo(url);
    socket.pause();
    socket.write(get);
    await once(upstream.server, "request");
    await pause(1000);
    const length = await new Promise<number>((resolve) => {
      socket.on("close", () => {
        resolve(socket.bytesRead);
      });
      socket.resume();
    });
    expect(length).toBeLessThan(30_000_000);
  });
});

describe("an answer that is not whole is never passed on as whole", () => {
  const kinds = {
    "chunked, close, FIN": [
      "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n400\r\nhalf of it",
      false,
    ],
    "chunked, close, FIN between chunks": [
      "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
      false,
    ],
    "chunked, close, RST": ["Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", true],
    "chunked, keep-alive, FIN": ["Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", false],
    "length, close, FIN": ["Connection: close\r\nContent-Length: 100\r\n\r\nhalf", false],
    "no length, close, RST": ["Connection: close\r\n\r\nhalf", true],
    "no length, close, RST in the same moment": ["Connection: close\r\n\r\nhalf", "at once"],
    "a coding that was not asked for": [
      "Transfer-Encoding: gzip, chunked\r\n\r\n4\r\nhalf\r\n0\r\n\r\n",
      false,
    ],
  } as const;
  for (const [name, [bytes, resets]] of Object.entries(kinds)) {
    test.each(["1.1", "1.0"])(`${name}, to a visitor of HTTP/%s`, async (version) => {
      const upstream = await rawUpstream((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\n${bytes}`, () => {
          if (resets === "at once") socket.resetAndDestroy();
          else setTimeout(() => (resets ? socket.resetAndDestroy() : socket.end()), 30);
        });
      });
      const { url } = await startTestGateway([upstream]);
      const { socket, text } = await connectTo(url);
      let isReset = false;
      socket.on("error", () => (isReset = true));
      // If a reset arrives with the last bytes, Node sees an orderly end.
      socket.prependListener("end", () => (isReset ||= socket.remoteAddress === undefined));
      socket.write(`GET / HTTP/${version}\r\nHost: a\r\nConnection: close\r\n\r\n`);
      await once(socket, "close").catch(() => undefined);
      const answer = text();
      if (answer.startsWith("HTTP/1.1 502")) return;
      expect(answer).not.toContain("\r\n0\r\n\r\n");
      const saysItsEnd = /^(?:content-length: 100|transfer-encoding: chunked)$/im.test(answer);
      expect(saysItsEnd || isReset || answer === "").toBe(true);
    });
  }
});

describe("an odd answer", () => {
  test.each([
    [
      "a reason phrase that Node would not write",
      "HTTP/1.1 200 \u0001odd\r\nContent-Length: 2\r\n\r\nok",
      200,
    ],
    ["a reason phrase beyond ASCII", "HTTP/1.1 200 Très bien\r\nContent-Length: 2\r\n\r\nok", 200],
    ["no reason phrase", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", 200],
    [
      "a 100 that nobody asked for",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
      200,
    ],
    ["a 102", "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200],
    ["a 304 with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304],
    [
      "an upgrade that nobody asked for",
      "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
      502,
    ],
  ])("%s", async (_, bytes, status) => {
    const upstream = await rawUpstream((socket) => socket.write(bytes, "latin1"));
    const { url } = await startTestGateway([upstream]);
    expect((await visit(url, { headers: { "If-None-Match": '"a"' } })).status).toBe(status);
  });

  test("is not made of a request with Upgrade: h2c and a body, which is passed on without", async () => {
    const upstream = await startUpstream((request, response) => {
      request.resume().on("end", () => response.end(`no ${String(request.headers.upgrade)}`));
    });
    const { url } = await startTestGateway([upstream]);
    const { socket, until } = await connectTo(url);
    socket.write(
      "POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\nContent-Length: 2\r\n\r\nhi",
    );
    expect(await until("no undefined")).toContain("200 OK");
  });
});

describe("a large upload", () => {
  const size = 16 * 1024 * 1024;

  /** Like many clients, it sends everything before it reads anything. */
  async function sendFirst(url: string): Promise<string> {
    const { socket, text } = await connectTo(url);
    socket.pause();
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${String(size)}\r\n\r\n`);
    await new Promise((resolve) => socket.write(Buffer.alloc(size), resolve));
    socket.resume();
    while (!text().includes("\r\n\r\n")) await Promise.race([once(socket, "data"), once(socket, "close")]);
    return text();
  }

  test.each([true, false])(
    "that is larger than it may be gets 413 (buffered: %s)",
    async (buffersRequests) => {
      const upstream = await startUpstream((request, response) => {
        request.resume().on("end", () => response.end("ok"));
      });
      const { url } = await startTestGateway([upstream], { maximumBody: 1_000_000, buffersRequests });
      expect(await sendFirst(url)).toMatch(/^HTTP\/1.1 413 /);
      expect(upstream.asked).toEqual([]);
      const { socket, until } = await connectTo(url);
      socket.write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n");
      socket.write(Buffer.alloc(0x20_00_00));
      await until("413");
    },
  );

  test.each([
    ["refuses early and closes", true, 413],
    ["refuses early and stays", false, 413],
    ["dies", undefined, 502],
  ])("whose upstream %s is answered", async (_, closes, status) => {
    const upstream = await rawUpstream((socket) => {
      if (closes === undefined) socket.destroy();
      else socket.write("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
      if (closes === true) socket.end();
    });
    for (const buffersRequests of [true, false]) {
      const { url, counts } = await startTestGateway([upstream], { buffersRequests });
      const answer = await sendFirst(url);
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 (?:${String(status)}|502) `));
      expect(counts.requests).toBe(1);
    }
  });

  test("whose old worker dies in a deploy gets the page", async () => {
    const upstream = await rawUpstream((socket) => setTimeout(() => socket.destroy(), 20));
    const { url } = await startTestGateway([upstream], { intermission: await midDeploy() });
    expect(await sendFirst(url)).toMatch(/^HTTP\/1.1 503 [^]*x-maintenance: deploy/i);
  });
});

describe("one visitor", () => {
  test("has one request of a connection under way at a time, answered in order", async () => {
    let now = 0;
    let most = 0;
    const upstream = await startUpstream((request, response) => {
      now += 1;
      most = Math.max(most, now);
      request.resume();
      setTimeout(() => {
        now -= 1;
        response.end(`<${request.url ?? ""}>`);
      }, 2);
    });
    const { url } = await startTestGateway([upstream]);
    const { socket, until } = await connectTo(url);
    const gets = Array.from(
      { length: 100 },
      (_, index) => `GET /${String(index)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    );
    socket.write(`POST /pay HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx${gets.join("")}`);
    const answer = await until("</99>");
    expect([...answer.matchAll(/<\/(\w+)>/g)].map(([, path]) => path)).toEqual(
      ["pay", ...gets.keys()].map(String),
    );
    expect(most).toBe(1);
  });

  test("who pipelines and leaves does not keep the gateway from ending", async () => {
    const upstream = await startUpstream(() => undefined);
    const gateway = await startTestGateway([upstream], { drain: 600_000 });
    const { socket } = await connectTo(gateway.url);
    socket.write(get.repeat(3000));
    await once(upstream.server, "request");
    socket.destroy();
    await gateway.close();
  });

  test("can't take more of an upstream than there is: others wait for a while, and then are told when to come again", async () => {
    const answers: (() => void)[] = [];
    const upstream = await startUpstream((_, response) => {
      answers.push(() => response.end("ok"));
    });
    const limits = { maximumUpstreamConnections: 2, maximumQueued: 1, queuePatience: 60_000 };
    const { url } = await startTestGateway([upstream], { ...limits, intermission: await midDeploy() });
    const first = [visit(url), visit(url)];
    while (answers.length < 2) await once(upstream.server, "request");
    const waiting = visit(url);
    await pause(50);
    const refused = await visit(url);
    expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "5"]);
    for (const answer of answers.splice(0)) answer();
    await once(upstream.server, "request");
    for (const answer of answers) answer();
    expect((await Promise.all([...first, waiting])).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(upstream.asked).toHaveLength(3);
  });
});
