import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { intermissionAt, midDeploy, settled } from "../../../test/support/deploy-window.ts";
import { startTestGateway } from "../../../test/support/gateway.ts";

/*
 * An upstream and a visitor that do at random what either may do, and a rule for the right outcomes: the
 * whole answer, one that is visibly cut off, the page or an error; never a part that looks whole. The gateway
 * survives, and nothing is in flight in the end. Set GATEWAY_RUNS and GATEWAY_SEED for a long run.
 */

const runs = Number(process.env["GATEWAY_RUNS"] ?? 60);
const seed = Number(process.env["GATEWAY_SEED"] ?? 1);

type Random = <Choice>(...choices: readonly Choice[]) => Choice;

/** https://en.wikipedia.org/wiki/Linear_congruential_generator, with the constants of Numerical Recipes. */
function createRandom(start: number): Random {
  let state = start >>> 0;
  return (...choices) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const choice = choices[Math.floor((state / 2 ** 32) * choices.length)];
    return choice as (typeof choices)[number];
  };
}

const wait = async (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

interface Plan {
  readonly status: number;
  readonly framing: "length" | "chunked" | "none";
  readonly size: number;
  /** Where the upstream stops, as a fraction of the whole: 1 is all of it. */
  readonly stop: number;
  readonly ending: "FIN" | "RST" | "stays";
  readonly saysClose: boolean;
  readonly dribbles: boolean;
  readonly early: boolean;
  readonly version: "1.0" | "1.1";
  readonly method: "GET" | "POST";
  readonly upload: "none" | "length" | "chunked";
  readonly uploadSize: number;
  readonly reads: "all" | "slowly" | "leaves";
  readonly pipelined: number;
}

function toPlan(random: Random): Plan {
  const method = random("GET", "GET", "POST");
  const version = random("1.1", "1.1", "1.1", "1.0");
  const framing = random("length", "chunked", "none");
  const stop = random(1, 1, 1, 0, 0.01, 0.5, 0.99);
  return {
    status: random(200, 200, 200, 404, 500, 502),
    framing,
    size: random(0, 1, 1000, 60_000, 400_000, 3_000_000),
    stop,
    ending: framing === "none" ? random("FIN", "RST") : random("FIN", "RST", "stays", "stays"),
    saysClose: framing === "none" || random(true, false),
    dribbles: random(true, false),
    early: random(true, false, false),
    version,
    method,
    upload: method === "GET" ? "none" : version === "1.0" ? "length" : random("length", "chunked"),
    uploadSize: random(1, 1000, 100_000, 1_000_000),
    reads: random("all", "all", "slowly", "leaves"),
    pipelined: version === "1.1" ? random(0, 0, 0, 3) : 0,
  };
}

const body = Buffer.alloc(3_000_000, "0123456789abcdefghijklmnopqrstuvwxyz");

/** Plays the upstream for each request of a connection. */
async function answer(socket: Socket, plan: Plan): Promise<void> {
  const size = plan.size;
  const content = body.subarray(0, size);
  const framed =
    plan.framing === "chunked"
      ? Buffer.concat([
          ...(size === 0 ? [] : [Buffer.from(`${size.toString(16)}\r\n`), content, Buffer.from("\r\n")]),
          Buffer.from("0\r\n\r\n"),
        ])
      : content;
  const length = plan.framing === "length" ? `Content-Length: ${String(size)}\r\n` : "";
  const coding = plan.framing === "chunked" ? "Transfer-Encoding: chunked\r\n" : "";
  const head = `HTTP/1.1 ${String(plan.status)} Odd\r\n${length}${coding}${plan.saysClose ? "Connection: close\r\n" : ""}\r\n`;
  const all = Buffer.concat([Buffer.from(head), framed]);
  const sent = all.subarray(0, Math.floor(all.byteLength * plan.stop));
  const step = plan.dribbles ? Math.max(Math.ceil(sent.byteLength / 7), 1) : sent.byteLength + 1;
  for (let at = 0; at < sent.byteLength && !socket.destroyed; at += step) {
    if (!socket.write(sent.subarray(at, at + step))) {
      await Promise.race([once(socket, "drain"), once(socket, "close")]).catch(() => undefined);
    }
    if (plan.dribbles) await wait(1);
  }
  if (plan.stop === 1 && plan.ending === "stays" && !plan.saysClose) return;
  if (plan.ending === "RST") socket.resetAndDestroy();
  else socket.end();
}

/** An upstream that reads requests as they arrive, and answers each by the current plan. */
async function startScripted(planOfNow: () => Plan): Promise<string> {
  const server = createServer((socket) => {
    let text = "";
    let remaining: number | "chunked" = 0;
    socket.on("error", () => undefined);
    socket.on("data", (piece: Buffer) => {
      text += piece.toString("latin1");
      for (;;) {
        const end = text.indexOf("\r\n\r\n");
        if (end === -1) return;
        const head = text.slice(0, end);
        const declared = /^content-length: (\d+)/im.exec(head)?.[1];
        remaining = /^transfer-encoding: chunked/im.test(head) ? "chunked" : Number(declared ?? 0);
        const plan = planOfNow();
        const last = remaining === "chunked" ? text.indexOf("0\r\n\r\n", end + 4) : end + 4 + remaining;
        const isWhole = remaining === "chunked" ? last !== -1 : text.length >= last;
        if (!isWhole && !(plan.early && plan.method === "POST")) return;
        text = isWhole ? text.slice(remaining === "chunked" ? last + 5 : last) : "";
        void answer(socket, plan);
        if (!isWhole) {
          socket.removeAllListeners("data").resume();
          return;
        }
      }
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${String((server.address() as { readonly port: number }).port)}`;
}

interface Received {
  readonly bytes: Buffer;
  readonly ending: "FIN" | "RST" | "left" | "open";
}

async function visitBy(url: string, plan: Plan): Promise<Received> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const pieces: Buffer[] = [];
  let isReset = false;
  let lastAt = Date.now();
  socket.on("error", () => (isReset = true));
  // As in the gateway: if a reset arrives with the last bytes, Node sees an orderly end.
  socket.prependListener("end", () => (isReset ||= socket.remoteAddress === undefined));
  const closed = new Promise<void>((resolve) =>
    socket.once("close", () => {
      resolve();
    }),
  );
  socket.on("data", (piece: Buffer) => {
    pieces.push(piece);
    lastAt = Date.now();
    if (plan.reads === "slowly") {
      socket.pause();
      setTimeout(() => socket.resume(), 2);
    }
  });
  const upload = body.subarray(0, plan.uploadSize);
  const framing = {
    none: "",
    length: `Content-Length: ${String(upload.byteLength)}\r\n`,
    chunked: "Transfer-Encoding: chunked\r\n",
  };
  const close = plan.pipelined > 0 ? "" : "Connection: close\r\n";
  socket.write(`${plan.method} / HTTP/${plan.version}\r\nHost: a\r\n${close}${framing[plan.upload]}\r\n`);
  if (plan.upload === "length") socket.write(upload);
  if (plan.upload === "chunked") {
    socket.write(`${upload.byteLength.toString(16)}\r\n`);
    socket.write(upload);
    socket.write("\r\n0\r\n\r\n");
  }
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(plan.pipelined));
  if (plan.reads === "leaves") {
    await wait(plan.size % 7);
    socket.destroy();
    return { bytes: Buffer.concat(pieces), ending: "left" };
  }
  // Only the visitor ends a keep-alive connection.
  while (plan.pipelined > 0 && !socket.destroyed && Date.now() - lastAt < 300) await wait(20);
  if (plan.pipelined > 0 && !socket.destroyed) {
    socket.destroy();
    return { bytes: Buffer.concat(pieces), ending: "open" };
  }
  await closed;
  return { bytes: Buffer.concat(pieces), ending: (isReset as boolean) ? "RST" : "FIN" };
}

/**
 * What is wrong with the first answer. Undefined: nothing.
 *
 * @param isLate The machine was too slow for some time limit: an answer may be cut off, or refused with 408.
 */
function faultOf({ bytes, ending }: Received, plan: Plan, isLate: boolean): string | undefined {
  if (ending === "left") return undefined;
  const text = bytes.toString("latin1");
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) {
    const isOwed = ending !== "open" && !isLate && plan.stop === 1 && plan.upload === "none";
    return bytes.byteLength === 0 && isOwed ? "no answer" : undefined;
  }
  const head = text.slice(0, end);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
  const declared = /^content-length: (\d+)/im.exec(head)?.[1];
  // Answers to pipelined requests may follow.
  const rest = bytes.subarray(end + 4, declared === undefined ? undefined : end + 4 + Number(declared));
  const isChunked = /^transfer-encoding: chunked/im.test(head);
  // The page, and the gateway's own errors.
  if (/^x-maintenance: /im.test(head) || /^cache-control: no-store/im.test(head)) {
    return Number(declared) === rest.byteLength ? undefined : "a short page or error";
  }
  if (isLate && status === 408) return undefined;
  if (status !== plan.status) return `status ${String(status)} in place of ${String(plan.status)}`;
  const content = isChunked
    ? unchunk(rest)
    : {
        body: rest,
        isComplete: declared === undefined ? ending === "FIN" : rest.byteLength === Number(declared),
      };
  const isWhole = sum(content.body) === sum(body.subarray(0, plan.size));
  // Without a length, an orderly end is the end.
  const isEndKnown = plan.framing !== "none" || plan.ending === "RST";
  if (content.isComplete && !isWhole && isEndKnown)
    return `short and complete: ${String(content.body.byteLength)} of ${String(plan.size)}`;
  const wasWhole = plan.stop === 1 && plan.ending !== "RST";
  if (wasWhole && plan.upload === "none" && !isLate && ending !== "open" && !content.isComplete)
    return "cut, though it was whole";
  return undefined;
}

function unchunk(bytes: Buffer): { readonly body: Buffer; readonly isComplete: boolean } {
  const pieces: Buffer[] = [];
  for (let at = 0; ;) {
    const end = bytes.indexOf("\r\n", at);
    if (end === -1) return { body: Buffer.concat(pieces), isComplete: false };
    const size = Number.parseInt(bytes.subarray(at, end).toString("latin1"), 16);
    if (size === 0)
      return { body: Buffer.concat(pieces), isComplete: bytes.indexOf("\r\n\r\n", end) === end };
    pieces.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}

const sum = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

test(
  `whatever upstreams and visitors do, nobody takes a part for the whole (${String(runs)} moves, seed ${String(seed)})`,
  { timeout: 60_000 + runs * 500 },
  async () => {
    const random = createRandom(seed);
    let plan = toPlan(random);
    const origin = await startScripted(() => plan);
    const gateways = [];
    for (const intermission of [
      await settled(),
      await midDeploy(),
      await intermissionAt("v1.1", { freshFor: 0 }),
    ]) {
      for (const buffersRequests of [true, false]) {
        gateways.push(
          await startTestGateway([{ origin }], {
            intermission,
            buffersRequests,
            temporaryFiles: random(0, 1_000_000, 1e9),
            timeout: 2000,
          }),
        );
      }
    }
    let [wokenAt, longestWait] = [performance.now(), 0];
    const pulse = setInterval(() => {
      longestWait = Math.max(longestWait, performance.now() - wokenAt);
      wokenAt = performance.now();
    }, 50);
    onTestFinished(() => {
      clearInterval(pulse);
    });
    for (let run = 0; run < runs; run++) {
      plan = toPlan(random);
      longestWait = 0;
      const gateway = random(...gateways);
      const received = await visitBy(gateway.url, plan);
      await wait(0);
      const fault = faultOf(received, plan, longestWait > 500);
      if (fault !== undefined)
        expect.fail(`Move ${String(run)}: ${fault} (${received.ending}); ${JSON.stringify(plan)}`);
    }
    for (const gateway of gateways) {
      const isQuiet = (): boolean =>
        gateway.status().upstreams.every(({ requests }) => requests === 0) && gateway.status().stored === 0;
      for (let times = 0; times < 200 && !isQuiet(); times++) await wait(20);
      expect(gateway.status()).toMatchObject({ waiting: 0, stored: 0, upstreams: [{ requests: 0 }] });
      await gateway.close();
    }
  },
);
