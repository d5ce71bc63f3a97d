import process from "node:process";
import { reasonOf } from "../../core/errors.ts";
import type { Environment } from "../../core/release.ts";
import { createIntermission } from "../../engine/create.ts";
import type { GatewaySettings } from "../../server/gateway/index.ts";
import { handedOverSockets, notifySystemd } from "../../server/gateway/systemd.ts";
import type { WorkerMessage, WorkerQuestion, Workers } from "../../server/gateway/workers.ts";
import { defineCommand, storeOptions } from "../arguments/command.ts";
import { toGatewaySettings, toWorkers } from "../arguments/gateway-settings.ts";
import { catchSignals, type Signals } from "../deploy/signals.ts";
import type { Output } from "../terminal/output.ts";

const workerVariable = "INTERMISSION_GATEWAY_WORKER";

export const gateway = defineCommand({
  name: "gateway",
  summary: "A reverse proxy in front of an app, which shows the page in place of its errors during a deploy",
  details: [
    "For an app without a proxy of its own. It passes everything on, and changes nothing but what a proxy must.",
    "An error is judged by the release of the upstream: what it says in the header X-Release, else what is written after its address (URL#v1.0), else this process's own, as beside the app.",
    "Sockets that systemd hands over take the place of --listen and --control.",
    "It ends with Ctrl-C or SIGTERM, when the requests under way are answered, or after 25 s.",
  ],
  example: "intermission gateway --upstream http://127.0.0.1:8000",
  positionals: [],
  options: {
    upstream: {
      value: "URL",
      takes: "many",
      summary: "The app: http://127.0.0.1:8000, https://10.0.0.1 or unix:/run/app.sock",
    },
    host: { value: "NAME=URL", takes: "many", summary: "The app for one host alone" },
    upstreams: { value: "FILE", summary: "More of both, one a line; read again on SIGHUP" },
    "upstream-ca": { value: "FILE", summary: "The authorities that https upstreams are checked against" },
    listen: { value: "ADDRESS", summary: "Where visitors come: a port, or an address with one (else 8080)" },
    certificate: { value: "FILE", summary: "For HTTPS with HTTP/2, with --key; read again on SIGHUP" },
    key: { value: "FILE", summary: "The certificate's key" },
    workers: { value: "NUMBER", summary: "Processes that share the work (else 1)" },
    hold: {
      value: "DURATION",
      summary: "How long requests wait while no upstream can be reached, at most 5m (else not at all)",
    },
    heal: { summary: "Ask an upstream of the current release for what an old one fails (GET, HEAD)" },
    timeout: { value: "DURATION", summary: "How long an upstream may take to answer (else 60s)" },
    "idle-timeout": {
      value: "DURATION",
      summary: "How long an answer (else as --timeout) or a WebSocket (else 5m) may be silent",
    },
    "release-header": {
      value: "NAME",
      summary: "The header by which upstreams say their release (else X-Release)",
    },
    "show-release": { summary: "Leave that header on the answers to visitors" },
    "health-path": { value: "PATH", summary: "Ask upstreams for this path every 5 s; avoid those that fail" },
    "healthy-after": {
      value: "NUMBER",
      summary: "Good checks in a row that bring an upstream back (else 1)",
    },
    "unhealthy-after": {
      value: "NUMBER",
      summary: "Failed checks in a row that take an upstream out (else 1)",
    },
    "trust-proxy": {
      value: "CIDR",
      takes: "many",
      summary: "A proxy in front, whose X-Forwarded-* and Forwarded are believed",
    },
    "max-body": { value: "SIZE", summary: "Of a request's body, such as 10m (else 1g)" },
    "no-request-buffering": { summary: "Pass a request's body on while it is still coming" },
    "temporary-files": { value: "SIZE", summary: "For bodies that wait, all together (else 1g)" },
    "max-connections": { value: "NUMBER", summary: "Connections of visitors at a time (else 10000)" },
    "max-upstream-connections": {
      value: "NUMBER",
      summary: "Requests with one upstream at a time (else 256)",
    },
    "access-log": { value: "FILE", summary: "One line of JSON a request; - for stdout; reopened on SIGUSR2" },
    control: { value: "ADDRESS", summary: "Where /healthz and /metrics are served (else nowhere)" },
    ...storeOptions,
  },
  async run(call) {
    const { options, environment, output, exitWith } = call;
    const settings = toGatewaySettings(options);
    const workers = toWorkers(options.workers);
    const [visitors, control] = handedOverSockets(environment, process.pid);
    const placed: GatewaySettings = {
      ...settings,
      listen: visitors === undefined ? settings.listen : { port: 0, descriptor: visitors },
      control: control === undefined ? settings.control : { port: 0, descriptor: control },
    };
    const isWorker = isWorkerOf(environment);
    // A worker's primary handles the terminal's signals.
    const signals = catchSignals(isWorker ? ["SIGTERM"] : ending());
    try {
      if (workers > 1 && !isWorker) await runWorkers(call, placed, workers, signals);
      else await runGateway(call, isWorker ? { ...placed, control: undefined } : placed, signals);
    } catch (error) {
      if (!isListenError(error)) throw error;
      output.note([
        { style: "red", text: "intermission:" },
        ` The gateway can't listen: ${reasonOf(error)}.`,
      ]);
      exitWith(1);
    } finally {
      signals.release();
    }
  },
});

type GatewayCall = Parameters<(typeof gateway)["run"]>[0];

/** Not by `node:cluster`: somebody else, such as PM2, may have made this process its worker. */
function isWorkerOf(environment: Environment): boolean {
  return environment[workerVariable] !== undefined;
}

/** In a terminal, SIGHUP means that it was closed. */
function ending(): readonly NodeJS.Signals[] {
  return process.stdin.isTTY ? ["SIGINT", "SIGTERM", "SIGHUP"] : ["SIGINT", "SIGTERM"];
}

async function runWorkers(
  { output, environment, exitWith }: GatewayCall,
  { control }: GatewaySettings,
  count: number,
  signals: Signals,
): Promise<void> {
  const warn = (message: string): void => {
    output.note(`[intermission] ${message}`);
  };
  const { startWorkers } = await import("../../server/gateway/workers.ts");
  let running: Workers;
  try {
    running = await startWorkers({ count, control, environment: { [workerVariable]: "1" }, warn });
  } catch (error) {
    if (isListenError(error)) throw error;
    exitWith(1);
    return;
  }
  const forward = (signal: NodeJS.Signals): void => {
    running.signal(signal);
  };
  for (const signal of rereading) process.on(signal, forward);
  sayWhere(output, running.url, running.controlUrl, `${String(count)} workers`);
  notifySystemd(environment, "READY=1", warn);
  await signals.caught;
  notifySystemd(environment, "STOPPING=1", () => {});
  const closed = running.close();
  signals.passTo(() => void running.close());
  await closed;
  for (const signal of rereading) process.off(signal, forward);
}

const rereading = ["SIGHUP", "SIGUSR2"] as const;

async function runGateway(
  { options, environment, output }: GatewayCall,
  settings: GatewaySettings,
  signals: Signals,
): Promise<void> {
  const { openAccessLog, startGateway } = await import("../../server/gateway/index.ts");
  const warn = (message: string): void => {
    output.note(`[intermission] ${message}`);
  };
  const note = output.note.bind(output);
  const intermission = createIntermission(
    { store: options.store, app: options.app, logger: { warn: note, error: note } },
    { environment, role: "proxy" },
  );
  const log = options["access-log"];
  const accessLog = log === undefined ? undefined : openAccessLog(log, warn);
  const reopen = (): void => accessLog?.reopen();
  let stopRereading = (): void => {};
  try {
    await intermission.ready();
    const running = await startGateway({ ...settings, accessLog }, intermission);
    const reread = (): void => {
      try {
        running.change(toGatewaySettings(options));
        warn("The certificate and the upstreams were read again");
      } catch (error) {
        warn(`The previous ones stay in use: ${reasonOf(error)}`);
      }
    };
    if (!process.stdin.isTTY) process.on("SIGHUP", reread);
    process.on("SIGUSR2", reopen);
    stopRereading = () => {
      process.off("SIGHUP", reread);
      process.off("SIGUSR2", reopen);
    };
    if (!isWorkerOf(environment)) {
      const origins = [...settings.upstreams, ...[...(settings.hosts?.values() ?? [])].flat()];
      sayWhere(output, running.url, running.controlUrl, origins.map(({ origin }) => origin).join(", "));
      notifySystemd(environment, "READY=1", warn);
    } else {
      process.on("message", ({ question }: WorkerQuestion) => {
        process.send?.({ status: running.status(), to: question } satisfies WorkerMessage);
      });
      process.send?.({ listening: running.url } satisfies WorkerMessage);
    }
    await signals.caught;
    if (!isWorkerOf(environment)) {
      output.note("Ending when the requests under way are answered…");
      notifySystemd(environment, "STOPPING=1", () => {});
    }
    const closed = running.close();
    // A second signal means: don't wait.
    signals.passTo(() => void running.close());
    await closed;
  } finally {
    stopRereading();
    await accessLog?.close();
    await intermission.close();
    // The channel to the primary would keep a worker alive.
    if (isWorkerOf(environment) && process.connected) process.disconnect();
  }
}

function sayWhere(output: Output, url: string, controlUrl: string | undefined, what: string): void {
  output.note(`The gateway is at ${url}, in front of ${what}.`);
  if (controlUrl !== undefined) output.note(`Health and metrics: ${controlUrl}/healthz`);
}

function isListenError(error: unknown): boolean {
  return (
    error instanceof Error && "syscall" in error && ["listen", "getaddrinfo"].includes(String(error.syscall))
  );
}
