import { createServer, type Server, type ServerResponse } from "node:http";
import type { Context } from "./context.ts";

/** What the people who run a gateway may ask it, on a listener of its own: visitors never reach it. */
export function createControl(context: Context, isDraining: () => boolean): Server {
  const server = createServer((request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0];
    if (request.method !== "GET" && request.method !== "HEAD")
      send(response, 405, "text/plain", "Only GET.\n");
    else if (path === "/healthz") sendHealth(response);
    else if (path === "/metrics") send(response, 200, "text/plain; version=0.0.4", toMetrics(context));
    else send(response, 404, "text/plain", "There are /healthz and /metrics.\n");
  });
  server.maxConnections = 100;
  server.requestTimeout = 10_000;

  function sendHealth(response: ServerResponse): void {
    const draining = isDraining();
    const upstreams = context.upstreams.all.map(({ origin, isUp, release = null }) => ({
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
function toMetrics({ counts, room, upstreams }: Context): string {
  const counter = (name: string, help: string, value: number): string =>
    family(name, "counter", help, [["", value]]);
  return [
    counter("requests_total", "Requests of visitors.", counts.requests),
    counter("passed_answers_total", "Answers of upstreams that were passed on.", counts.passed),
    counter("masked_errors_total", "Errors that became the page.", counts.masked),
    counter("repeated_requests_total", "Requests that were sent a second time.", counts.repeated),
    counter("held_requests_total", "Requests that had to wait for an upstream.", counts.held),
    counter("tunnels_total", "WebSockets that were opened.", counts.tunnels),
    family(
      "failures_total",
      "counter",
      "Requests without an answer of an upstream.",
      Object.entries(counts.failures).map(([kind, value]) => [`{kind="${kind}"}`, value]),
    ),
    family("waiting_requests", "gauge", "Requests that wait for an upstream now.", [["", room.size]]),
    family(
      "upstream_up",
      "gauge",
      "Whether an upstream is taken for up.",
      upstreams.all.map(({ origin, isUp }) => [`{upstream="${origin}"}`, isUp ? 1 : 0]),
    ),
  ].join("");
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
