import { createServer, type Server, type ServerResponse } from "node:http";
import { addCounts, durationBounds, type Counts } from "./counts.ts";
import type { Storage } from "./backlog.ts";
import type { Sites } from "./sites.ts";

/** What a gateway, or one of its workers, says of itself. Plain data, so that it can be sent to another process. */
export interface GatewayStatus {
  readonly counts: Omit<Counts, "observe">;
  /** Requests that wait for an upstream now. */
  readonly waiting: number;
  /** Bytes of bodies that wait, in memory and in temporary files. */
  readonly stored: number;
  readonly upstreams: readonly UpstreamStatus[];
}

export interface UpstreamStatus {
  readonly url: string;
  readonly up: boolean;
  /** null: unknown. */
  readonly release: string | null;
  /** Requests that are with it now. */
  readonly requests: number;
}

export function toStatus(counts: Counts, sites: Sites, { memory, files }: Storage): GatewayStatus {
  return {
    counts: { ...counts },
    waiting: sites.waiting,
    stored: memory + files,
    upstreams: sites.all.map(({ origin, isUp, release = null, places }) => ({
      url: origin,
      up: isUp,
      release,
      requests: places.taken,
    })),
  };
}

/** Of several workers. An upstream is up if one of them can reach it. */
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
    upstreams: [...upstreams.values()],
  };
}

/**
 * What the people who run a gateway may ask it, on a listener of its own: visitors never reach it.
 */
export function createControl(ask: () => Promise<GatewayStatus>, isDraining: () => boolean): Server {
  const server = createServer((request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0];
    if (request.method !== "GET" && request.method !== "HEAD") {
      send(response, 405, "text/plain", "Only GET.\n");
    } else if (path === "/healthz" || path === "/metrics") {
      ask().then(
        (status) => {
          if (path === "/healthz") sendHealth(response, status);
          else send(response, 200, "text/plain; version=0.0.4", toMetrics(status));
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

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
function toMetrics({ counts, waiting, stored, upstreams }: GatewayStatus): string {
  const counter = (name: string, help: string, value: number): string =>
    family(name, "counter", help, [["", value]]);
  return [
    counter("requests_total", "Requests of visitors.", counts.requests),
    counter("passed_answers_total", "Answers of upstreams that were passed on.", counts.passed),
    counter("masked_errors_total", "Errors that became the page.", counts.masked),
    counter("healed_errors_total", "Errors that another upstream's answer replaced.", counts.healed),
    counter("repeated_requests_total", "Requests that were sent a second time.", counts.repeated),
    counter("held_requests_total", "Requests that had to wait for an upstream.", counts.held),
    counter("tunnels_total", "WebSockets that were opened.", counts.tunnels),
    family(
      "failures_total",
      "counter",
      "Requests without an answer of an upstream.",
      Object.entries(counts.failures).map(([kind, value]) => [`{kind="${kind}"}`, value]),
    ),
    family("waiting_requests", "gauge", "Requests that wait for an upstream now.", [["", waiting]]),
    family("stored_bytes", "gauge", "Bytes of bodies that wait for a slow receiver.", [["", stored]]),
    family(
      "upstream_up",
      "gauge",
      "Whether an upstream is taken for up.",
      upstreams.map(({ url, up }) => [`{upstream="${url}"}`, up ? 1 : 0]),
    ),
    family(
      "upstream_requests",
      "gauge",
      "Requests that are with an upstream now.",
      upstreams.map(({ url, requests }) => [`{upstream="${url}"}`, requests]),
    ),
    family(
      "answers_total",
      "counter",
      "Answers to visitors, by the first digit of their status.",
      counts.statuses.slice(1).map((value, index) => [`{status="${String(index + 1)}xx"}`, value]),
    ),
    toHistogram(counts),
  ].join("");
}

function toHistogram({ durations, duration }: GatewayStatus["counts"]): string {
  const name = "intermission_gateway_request_duration_seconds";
  let sum = 0;
  const buckets = durations.map((count, index) => {
    sum += count;
    const bound = durationBounds[index];
    return `${name}_bucket{le="${bound === undefined ? "+Inf" : String(bound / 1000)}"} ${String(sum)}\n`;
  });
  return (
    `# HELP ${name} From a request's headers to the end of its answer.\n# TYPE ${name} histogram\n` +
    `${buckets.join("")}${name}_sum ${String(duration / 1000)}\n${name}_count ${String(sum)}\n`
  );
}

function family(
  name: string,
  type: "counter" | "gauge",
  help: string,
  samples: readonly (readonly [labels: string, value: number])[],
): string {
  const full = `intermission_gateway_${name}`;
  const lines = samples.map(([labels, value]) => `${full}${labels} ${String(value)}\n`);
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join("")}`;
}
