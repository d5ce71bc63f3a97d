import { connect } from "node:net";
import type { Clock } from "../../core/ports.ts";
import { call } from "./call.ts";
import { gatewayDefaults, type GatewaySettings } from "./settings.ts";
import type { Upstream } from "./upstreams.ts";

/** An upstream that takes longer to answer a check is unhealthy. Milliseconds. */
const checkWithin = 2000;

/** Shows in an app's log who asked. */
const userAgent = "intermission-gateway";

/** Bytes. */
const longestAnswer = 65_536;

export interface HealthOptions extends Pick<GatewaySettings, "healthPath" | "healthEvery" | "asksAtStart"> {
  /** In lower case. */
  readonly releaseHeader: string;
  readonly clock: Clock;
  /** The current ones: they may change. */
  readonly upstreams: () => readonly Upstream[];
}

/**
 * Requests `healthPath` from every upstream, again and again: 200 to 399 is healthy. Without such a path,
 * each is asked until it has answered once, with any status, so that its release is known before the first
 * deploy; and while it reports an old one, so that `wait` learns of the new one without a visitor.
 *
 * @returns what stops it.
 */
export function watchHealth(options: HealthOptions): () => void {
  const { healthPath, healthEvery = gatewayDefaults.healthEvery, releaseHeader, clock, upstreams } = options;
  if (healthPath === undefined && options.asksAtStart === false) return () => {};
  let stopped = false;
  let cancel = (): void => {};

  async function check(upstream: Upstream): Promise<void> {
    if (healthPath === undefined && !upstream.release.isOutdated) return;
    const answer = await askForHead(upstream, healthPath ?? "/", healthPath === undefined ? "HEAD" : "GET");
    if (answer !== undefined) upstream.answered(answer.headers.get(releaseHeader)?.trim());
    if (healthPath !== undefined) {
      upstream.checked(answer !== undefined && answer.status >= 200 && answer.status < 400);
    }
  }

  function round(): void {
    void Promise.all(upstreams().map(check)).then(() => {
      if (!stopped) cancel = clock.after(healthEvery, round);
    });
  }

  round();
  return () => {
    stopped = true;
    cancel();
  };
}

interface AnswerHead {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
}

function askForHead(upstream: Upstream, path: string, method: string): Promise<AnswerHead | undefined> {
  return new Promise((resolve) => {
    const host = upstream.connection.socketPath === undefined ? new URL(upstream.origin).host : "localhost";
    const limit = setTimeout(() => {
      asked?.abort();
      resolve(undefined);
    }, checkWithin);
    limit.unref();
    const settle = (answer: AnswerHead | undefined): void => {
      clearTimeout(limit);
      resolve(answer);
    };
    const asked = call(
      upstream,
      {
        method,
        path,
        headers: ["Host", host, "User-Agent", userAgent],
        hasBody: false,
        connectTimeout: checkWithin,
        timeout: checkWithin,
        idleTimeout: checkWithin,
      },
      {
        sent: () => {},
        writable: () => {},
        informed: () => {},
        answered(answer) {
          const { statusCode = 0, rawHeaders } = answer;
          // Read up to a limit, so that the connection can be reused.
          let length = 0;
          answer.on("data", (piece: Buffer) => {
            length += piece.byteLength;
            if (length > longestAnswer) asked?.abort();
          });
          const headers = new Map<string, string>();
          for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
            headers.set(rawHeaders[index]?.toLowerCase() ?? "", rawHeaders[index + 1] ?? "");
          }
          settle({ status: statusCode, headers });
        },
        upgraded(_, socket) {
          socket.destroy();
          settle(undefined);
        },
        failed: (kind) => {
          if (kind === "refused" || kind === "unreachable") upstream.refused();
          settle(undefined);
        },
      },
    );
    if (asked === undefined) settle(undefined);
  });
}

/** Whether a connection to any upstream can be opened. Those that accept one are up again. */
export async function reachAny(all: readonly Upstream[], within: number): Promise<boolean> {
  const reached = await Promise.all(all.map((upstream) => reach(upstream, within)));
  return reached.includes(true);
}

function reach(upstream: Upstream, within: number): Promise<boolean> {
  return new Promise((resolve) => {
    const { host = "", port = 0, socketPath } = upstream.connection;
    const socket = connect(socketPath === undefined ? { host, port } : { path: socketPath });
    const settle = (reached: boolean): void => {
      socket.destroy();
      if (reached) upstream.reached();
      resolve(reached);
    };
    socket.setTimeout(within, () => {
      settle(false);
    });
    socket.on("error", () => {
      settle(false);
    });
    socket.on("connect", () => {
      settle(true);
    });
  });
}
