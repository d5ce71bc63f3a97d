import { resolveSettings } from "../../core/settings/resolve.ts";
import { reasonOf } from "../../core/errors.ts";
import type { Warning } from "../../core/settings/options.ts";
import { createIntermission } from "../../engine/create.ts";
import { defineCommand, storeOptions } from "../arguments/command.ts";
import { toGatewaySettings } from "../arguments/gateway-settings.ts";
import { catchSignals } from "../deploy/signals.ts";

/** What is warned of is told by its code: the gateway leaves some of it out. */
const silent = { warn: () => {}, error: () => {} };

export const gateway = defineCommand({
  name: "gateway",
  summary: "A reverse proxy in front of an app, which shows the page in place of its errors during a deploy",
  details: [
    "For an app without a proxy of its own. It passes everything on, and changes nothing but what a proxy must.",
    "An error is judged by the release of the upstream: what it says in the header X-Release, else what is written after its address (URL#v1.0), else this process's own, as beside the app.",
    "It ends with Ctrl-C or SIGTERM, when the requests under way are answered, or after 25 s.",
  ],
  positionals: [],
  options: {
    upstream: { value: "URL", takes: "many", summary: "The app, such as http://127.0.0.1:8000" },
    listen: { value: "ADDRESS", summary: "Where visitors come: a port, or an address with one (else 8080)" },
    hold: {
      value: "DURATION",
      summary: "How long requests wait while no upstream can be reached, at most 5m (else not at all)",
    },
    timeout: { value: "DURATION", summary: "How long an upstream may take to answer (else 60s)" },
    "idle-timeout": {
      value: "DURATION",
      summary:
        "How long nothing may come in the middle of an answer (else as --timeout) or a WebSocket (else 5m)",
    },
    "release-header": {
      value: "NAME",
      summary: "The header by which upstreams say their release (else X-Release)",
    },
    "show-release": { summary: "Leave that header on the answers to visitors" },
    "health-path": {
      value: "PATH",
      summary: "Ask upstreams for this path every 5 s, and avoid those that fail",
    },
    "trust-proxy": {
      value: "CIDR",
      takes: "many",
      summary: "A proxy in front, whose X-Forwarded-* and Forwarded are believed",
    },
    "max-connections": { value: "NUMBER", summary: "Connections of visitors at a time (else 10000)" },
    control: { value: "ADDRESS", summary: "Where /healthz and /metrics are served (else nowhere)" },
    ...storeOptions,
  },
  async run({ options, environment, output, exitWith }) {
    const settings = toGatewaySettings(options);
    const named = { store: options.store, app: options.app };
    const hasRelease = resolveSettings(named, environment).release !== undefined;
    const onWarning = ({ code, message }: Warning): void => {
      // The releases that count here are those of the upstreams.
      if (code !== "no-instance-release") output.note(`[intermission] ${message}`);
    };
    const intermission = createIntermission(
      {
        ...named,
        logger: silent,
        onWarning,
        // Without a release it would count as an instance that is behind, and `wait` would wait for it.
        ...(hasRelease ? {} : { report: false }),
      },
      { environment },
    );
    const signals = catchSignals();
    try {
      await intermission.ready();
      const { startGateway } = await import("../../server/gateway/index.ts");
      const running = await startGateway(settings, intermission);
      const upstreams = settings.upstreams.map(({ origin }) => origin).join(", ");
      output.note(`The gateway is at ${running.url}, in front of ${upstreams}.`);
      if (running.controlUrl !== undefined) output.note(`Health and metrics: ${running.controlUrl}/healthz`);
      await signals.caught;
      output.note("Ending when the requests under way are answered…");
      const closed = running.close();
      // Whoever sends a second one does not want to wait.
      signals.passTo(() => void running.close());
      await closed;
    } catch (error) {
      if (!isListenError(error)) throw error;
      output.note([
        { style: "red", text: "intermission:" },
        ` The gateway can't listen: ${reasonOf(error)}.`,
      ]);
      exitWith(1);
    } finally {
      signals.release();
      await intermission.close();
    }
  },
});

function isListenError(error: unknown): boolean {
  return (
    error instanceof Error && "syscall" in error && ["listen", "getaddrinfo"].includes(String(error.syscall))
  );
}
