import { createServer, type Server, type ServerResponse } from "node:http";
import { durationBounds, type Counts } from "./counts.ts";
import type { Sites } from "./sites.ts";

/** What the people who run a gateway may ask it, on a listener of its own: visitors never reach it. */
export function createControl(counts: Counts, sites: Sites, isDraining: () => boolean): Server {
  const server = createServer((request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0];
    if (request.method !== "GET" && request.method !== "HEAD")
      send(response, 405, "text/plain", "Only GET.\n");
    else if (path === "/healthz") sendHealth(response);
    else if (path === "/metrics") send(response, 200, "text/plain; version=0.0.4", toMetrics(counts, sites));
    else send(response, 404, "text/plain", "There are /healthz and /metrics.\n");
  });
  server.maxConnections = 100;
  server.requestTimeout = 10_000;

  function sendHealth(response: ServerResponse): void {
    const draining = isDraining();
    const upstreams = sites.all.map(({ origin, isUp, release = null }) => ({
      url: origin,
      up: isUp,
      release,
    }));
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
function toMetrics(counts: Counts, sites: Sites): string {
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
    family("waiting_requests", "gauge", "Requests that wait for an upstream now.", [["", sites.waiting]]),
    family(
      "upstream_up",
      "gauge",
      "Whether an upstream is taken for up.",
      sites.all.map(({ origin, isUp }) => [`{upstream="${origin}"}`, isUp ? 1 : 0]),
    ),
    family(
      "upstream_requests",
      "gauge",
      "Requests that are with an upstream now.",
      sites.all.map(({ origin, places }) => [`{upstream="${origin}"}`, places.taken]),
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

function toHistogram({ durations, duration }: Counts): string {
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
