import { requireModule } from "../../core/runtime.ts";
import { textOfBytes } from "../shared/bytes.ts";
import type { HostsUrl } from "../shared/hosts-url.ts";
import type { Subscription } from "../shared/subscriber.ts";
import { endOf, toRequest, toResult, type EtcdSource } from "./client.ts";

type Agent = import("node:http").Agent;
type ClientRequest = import("node:http").ClientRequest;
type IncomingMessage = import("node:http").IncomingMessage;

/** The longest possible answer: 10,000 reports of 1 kB each, doubled. Bytes. */
const maximumAnswer = 32 * 1024 * 1024;

/** Milliseconds of silence after which the system probes the connection. */
const probeAfter = 10_000;

/** etcd refused; its code is gRPC's. */
class EtcdError extends Error {
  readonly code: number;
  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

const unauthenticated = 16;

/**
 * etcd by its JSON gateway, which every server of version 3.4 or newer has on its client port. It needs no
 * package, and unlike a gRPC client's, its connections keep no process alive.
 */
export function connectToGateway({ scheme, user, password, hosts, parameters }: HostsUrl): EtcdSource {
  const secure = scheme === "etcds:";
  const { request, Agent: AgentOf } = requireModule(secure ? "node:https" : "node:http");
  const file = (name: string): Buffer | undefined => {
    const path = parameters.get(name);
    return path === null ? undefined : requireModule("node:fs").readFileSync(path);
  };
  const agent: Agent = new AgentOf({
    keepAlive: true,
    ...(secure ? { ca: file("ca"), cert: file("cert"), key: file("key") } : {}),
  });
  let turn = 0;
  let token: Promise<string> | undefined;

  /** Starts a request to the next server. */
  function begin(path: string, body: object, authorization: string | undefined): ClientRequest {
    const outgoing = request(`http${secure ? "s" : ""}://${hosts[turn % hosts.length] ?? ""}/v3/${path}`, {
      method: "POST",
      agent,
      headers: {
        "content-type": "application/json",
        ...(authorization === undefined ? {} : { authorization }),
      },
    });
    outgoing.end(JSON.stringify(body));
    return outgoing;
  }

  /** Tries the servers in turn until one can be reached. */
  async function ask(path: string, body: object, until: number, authorization?: string): Promise<unknown> {
    for (let tried = 1; ; tried++) {
      try {
        return await answerTo(begin(path, body, authorization), until - performance.now());
      } catch (error) {
        if (error instanceof EtcdError) throw error;
        turn++;
        const unreached = (error as { readonly code?: unknown }).code === "ECONNREFUSED";
        if (!unreached || tried >= hosts.length) throw error;
      }
    }
  }

  async function login(until: number): Promise<string> {
    const answer = await ask("auth/authenticate", { name: user, password: password ?? "" }, until);
    const { token: issued } = answer as { readonly token?: unknown };
    if (typeof issued !== "string") throw new Error("no token for this user");
    return issued;
  }

  function tokenUntil(until: number): Promise<string | undefined> {
    if (user === undefined) return Promise.resolve(undefined);
    token ??= login(until).catch((error: unknown) => {
      token = undefined;
      throw error;
    });
    return token;
  }

  async function call(path: string, body: object, milliseconds: number): Promise<unknown> {
    const until = performance.now() + milliseconds;
    const known = token !== undefined;
    try {
      return await ask(path, body, until, await tokenUntil(until));
    } catch (error) {
      // Another server, after a failover, waits until it is as far as the one that issued the token.
      if (!(error instanceof EtcdError)) token = undefined;
      // A token lasts five minutes, and only for the server that issued it.
      const outdated = error instanceof EtcdError && error.message.includes("invalid auth token");
      if (!known || !outdated) throw error;
      token = undefined;
      return ask(path, body, until, await tokenUntil(until));
    }
  }

  function listen(prefix: string, heard: (rest: string) => void, lost: () => void): Subscription {
    let stream: ClientRequest | undefined;
    let ended = false;
    const open = async (): Promise<void> => {
      const authorization = await tokenUntil(performance.now() + 2000);
      if (ended) return;
      const range = { key: toBase64(prefix), range_end: toBase64(endOf(prefix)) };
      const begun = begin("watch", { create_request: range }, authorization);
      stream = begun;
      begun.on("socket", (socket) => {
        socket.setKeepAlive(true, probeAfter);
        socket.unref();
      });
      await new Promise<void>((resolve, reject) => {
        const end = (error?: Error): void => {
          turn++;
          reject(error ?? new Error("the watch ended"));
          lost();
        };
        begun.on("error", end).on("response", (response) => {
          response.on("error", end).on("close", end);
          readLines(response, (line) => {
            const { result } = JSON.parse(line) as { readonly result?: WatchResult };
            if (result === undefined || result.canceled === true) {
              begun.destroy(new Error(result?.cancel_reason ?? line.slice(0, 200)));
              return;
            }
            if (result.created === true) resolve();
            for (const { kv } of result.events ?? []) heard(fromBase64(kv?.key).slice(prefix.length));
          });
        });
      });
    };
    return {
      subscribed: open(),
      end() {
        ended = true;
        stream?.destroy();
      },
    };
  }

  return {
    async transact(transaction, milliseconds) {
      return toResult(await call("kv/txn", toRequest(transaction, toBase64), milliseconds), fromBase64);
    },
    async grantLease(seconds, milliseconds) {
      const answer = await call("lease/grant", { TTL: seconds }, milliseconds);
      return String((answer as { readonly ID?: unknown }).ID);
    },
    subscribe: (prefix) => (heard, lost) => listen(prefix, heard, lost),
    close() {
      agent.destroy();
    },
  };
}

interface WatchResult {
  readonly created?: boolean;
  readonly canceled?: boolean;
  readonly cancel_reason?: string;
  readonly events?: readonly { readonly kv?: { readonly key?: unknown } }[];
}

/**
 * The server's answer as JSON. After the time limit the connection is dropped, so that nothing piles up on
 * it.
 */
async function answerTo(outgoing: ClientRequest, milliseconds: number): Promise<unknown> {
  const { promise, resolve, reject } = withResolvers<string>();
  let status = 0;
  const timer = setTimeout(() => {
    outgoing.destroy(new Error(`no answer within ${milliseconds.toFixed()} ms`));
  }, milliseconds);
  outgoing.on("error", reject).on("response", (response) => {
    status = response.statusCode ?? 0;
    let body = "";
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => {
      body += chunk;
      if (body.length > maximumAnswer) outgoing.destroy(new Error("an answer without an end"));
    });
    response.on("error", reject).on("end", () => {
      resolve(body);
    });
  });
  try {
    return understand(await promise, status);
  } finally {
    clearTimeout(timer);
  }
}

function understand(body: string, status: number): unknown {
  let answer: { readonly error?: unknown; readonly message?: unknown; readonly code?: unknown };
  try {
    answer = JSON.parse(body) as typeof answer;
  } catch {
    throw new Error(`status ${String(status)} and no JSON: no JSON gateway of etcd is there`);
  }
  if (status === 200) return answer;
  const message = answer.message ?? answer.error;
  const known = typeof message === "string" ? message : `status ${String(status)}`;
  throw new EtcdError(known, typeof answer.code === "number" ? answer.code : unauthenticated);
}

function readLines(response: IncomingMessage, read: (line: string) => void): void {
  let rest = "";
  response.setEncoding("utf8");
  response.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > maximumAnswer) response.destroy(new Error("a line without an end"));
    for (const line of lines) {
      try {
        if (line.trim() !== "") read(line);
      } catch (error) {
        response.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    }
  });
}

function withResolvers<Value>(): {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
} {
  let resolve!: (value: Value) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<Value>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  return { promise, resolve, reject };
}

function toBase64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** Absent: empty, which the gateway leaves out. */
function fromBase64(text: unknown): string {
  return textOfBytes(Buffer.from(typeof text === "string" ? text : "", "base64")) ?? "";
}
