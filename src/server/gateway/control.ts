import { createServer, type Server, type ServerResponse } from "node:http";
import { addCounts, durationBounds, type Counts } from "./counts.ts";
import type { Storage } from "./backlog.ts";
import {
  expositionType,
  histogramSamples,
  toExposition,
  type MetricFamily,
  type Sample,
} from "../exposition.ts";
import type { Sites } from "./sites.ts";

/** The status of a gateway or a worker. Plain data, so that it can be sent to another process. */
export interface GatewayStatus {
  readonly counts: Omit<Counts, "observe">;
  /** Requests waiting for an upstream now. */
  readonly waiting: number;
  /** Bytes of waiting bodies, in memory and in temporary files. */
  readonly stored: number;
  /**
   * For how long an upstream heard lately has not run the current release, in milliseconds: the longest.
   * null: none was heard.
   */
  readonly mismatchFor: number | null;
  readonly upstreams: readonly UpstreamStatus[];
}

export interface UpstreamStatus {
  readonly url: string;
  readonly up: boolean;
  /** null: unknown. */
  readonly release: string | null;
  /** Its requests in flight. */
  readonly requests: number;
}

export function toStatus(counts: Counts, sites: Sites, { memory, files }: Storage): GatewayStatus {
  return {
    counts: { ...counts },
    waiting: sites.waiting,
    stored: memory + files,
    mismatchFor: sites.mismatchFor ?? null,
    upstreams: sites.all.map(({ origin, isUp, release, places }) => ({
      url: origin,
      up: isUp,
      release: release.id ?? null,
      requests: places.taken,
    })),
  };
}

/** Sums up several workers. An upstream is up if one of them can reach it. */
export function addUp(all: readonly GatewayStatus[]): GatewayStatus {
  const upstreams = new Map<string, UpstreamStatus>();
  for (const upstream of all.flatMap((status) => status.upstreams)) {
    const before = upstreams.get(upstream.url);
    upstreams.set(upstream.url, {
      url: upstream.url,
      up: upstream.up || before?.up === true,
      release: upstream.release ?? before?.release ?? null,
      requests: upstream.requests + (before?.requests ?? 0),
    });
  }
  return {
    counts: all.map(({ counts }) => counts).reduce(addCounts),
    waiting: all.reduce((sum, { waiting }) => sum + waiting, 0),
    stored: all.reduce((sum, { stored }) => sum + stored, 0),
    mismatchFor: all.reduce<number | null>(
      (most, { mismatchFor }) => (mismatchFor === null ? most : Math.max(most ?? 0, mismatchFor)),
      null,
    ),
    upstreams: [...upstreams.values()],
  };
}

/** What operators may ask a gateway, on a separate listener that visitors never reach. */
export function createControl(ask: () => Promise<GatewayStatus>, isDraining: () => boolean): Server {
  const server = createServer((request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0];
    if (request.method !== "GET" && request.method !== "HEAD") {
      send(response, 405, "text/plain", "Only GET.\n");
    } else if (path === "/healthz" || path === "/metrics") {
      ask().then(
        (status) => {
          if (path === "/healthz") sendHealth(response, status);
          else send(response, 200, expositionType, toMetrics(status));
        },
        () => {
          send(response, 503, "text/plain", "No worker answers.\n");
        },
      );
    } else {
      send(response, 404, "text/plain", "There are /healthz and /metrics.\n");
    }
  });
  server.maxConnections = 100;
  server.requestTimeout = 10_000;

  function sendHealth(response: ServerResponse, status: GatewayStatus): void {
    const draining = isDraining();
    const upstreams = status.upstreams.map(({ url, up, release }) => ({ url, up, release }));
    const document = { status: draining ? "draining" : "ok", upstreams };
    send(response, draining ? 503 : 200, "application/json", `${JSON.stringify(document)}\n`);
  }

  return server;
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
  response.end(body);
}

function toMetrics({ counts, waiting, stored, mismatchFor, upstreams }: GatewayStatus): string {
  return toExposition([
    counter("requests_total", "Requests of visitors.", counts.requests),
    counter("passed_answers_total", "Answers of upstreams that were passed on.", counts.passed),
    counter("masked_errors_total", "Errors that became the page.", counts.masked),
    counter("healed_errors_total", "Errors that another upstream's answer replaced.", counts.healed),
    counter("repeated_requests_total", "Requests that were sent a second time.", counts.repeated),
    counter("held_requests_total", "Requests that had to wait for an upstream.", counts.held),
    counter("tunnels_total", "WebSockets that were opened.", counts.tunnels),
    family(
      "counter",
      "failures_total",
      "Requests that got no answer from an upstream.",
      Object.entries(counts.failures).map(([kind, value]) => ({ labels: { kind }, value })),
    ),
    family("gauge", "waiting_requests", "Requests that are waiting for an upstream.", [{ value: waiting }]),
    family("gauge", "stored_bytes", "Bytes of bodies that are waiting for a slow receiver.", [
      { value: stored },
    ]),
    family(
      "gauge",
      "mismatch_seconds",
      "For how long an upstream has not run the current release. 0: all run it. Absent: none has said its release lately.",
      mismatchFor === null ? [] : [{ value: mismatchFor / 1000 }],
    ),
    family(
      "gauge",
      "upstream_up",
      "1: the upstream can be reached. 0: it can't.",
      upstreams.map(({ url, up }) => ({ labels: { upstream: url }, value: Number(up) })),
    ),
    family(
      "gauge",
      "upstream_requests",
      "Requests that an upstream is working on.",
      upstreams.map(({ url, requests }) => ({ labels: { upstream: url }, value: requests })),
    ),
    family(
      "counter",
      "answers_total",
      "Answers to visitors, by the first digit of their status.",
      counts.statuses
        .slice(1)
        .map((value, index) => ({ labels: { status: `${String(index + 1)}xx` }, value })),
    ),
    durations(counts),
  ]);
}

function counter(name: string, help: string, value: number): MetricFamily {
  return family("counter", name, help, [{ value }]);
}

function durations({ durations: perBucket, duration }: GatewayStatus["counts"]): MetricFamily {
  let sum = 0;
  const buckets = perBucket.map((count, index) => {
    sum += count;
    const bound = durationBounds[index];
    return [bound === undefined ? Number.POSITIVE_INFINITY : bound / 1000, sum] as const;
  });
  const help = "Seconds from a request's headers to the end of its answer.";
  return family("histogram", "request_duration_seconds", help, histogramSamples(buckets, duration / 1000));
}

function family(
  kind: MetricFamily["kind"],
  name: string,
  help: string,
  samples: readonly Sample[],
): MetricFamily {
  return { name: `intermission_gateway_${name}`, help, kind, samples };
}
