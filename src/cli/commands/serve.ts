import { parseDuration } from "../../core/settings/values.ts";
import { isRelease } from "../../core/release.ts";
import { resolveSettings } from "../../core/settings/resolve.ts";
import { createIntermission } from "../../engine/create.ts";
import { isAddress } from "../../server/error-backend/asked-upstreams.ts";
import type { ErrorBackend, ErrorBackendOptions } from "../../server/error-backend/index.ts";
import { openStore } from "../../stores/open.ts";
import { actor } from "../session/actor.ts";
import { defineCommand, jsonOption, storeOptions, type Call } from "../arguments/command.ts";
import { isLoopback, parseListenAddress } from "../arguments/listen-address.ts";
import type { Output } from "../terminal/output.ts";
import { catchSignals } from "../deploy/signals.ts";
import { UsageError } from "../arguments/usage-error.ts";

const defaults = {
  listen: "127.0.0.1:9200",
  control: "127.0.0.1:9201",
  window: "2m",
  healthPath: "/healthz",
};
const maximumWindow = 30 * 86_400_000;
const mostUpstreams = 1000;

/**
 * Proxies that rely on publications learn of a deploy only from here: within the second that `create-release`
 * waits. Milliseconds.
 */
const refreshEvery = 500;

const options = {
  listen: { value: "ADDRESS", summary: `Where proxies send errors (else ${defaults.listen})` },
  control: {
    value: "ADDRESS",
    summary: `Where state, flag, metrics and health are asked (else ${defaults.control})`,
  },
  publish: { value: "FOLDER", summary: "Write the same state as files, into a folder of their own" },
  "release-header": {
    value: "NAME",
    summary: "The proxy's header with the release of the instance that failed (else X-Upstream-Release)",
  },
  upstream: {
    value: "ADDRESS[=RELEASE]",
    takes: "many",
    summary: "An upstream as the proxy names it: it is asked which release it runs, unless you say so here",
  },
  "health-path": {
    value: "PATH",
    summary: `What upstreams are asked for (else ${defaults.healthPath}); any status will do`,
  },
  "upstream-header": {
    value: "NAME",
    summary: "The header in which upstreams say their release (else X-Release)",
  },
  "learn-upstreams": {
    summary: "Learn that from answers that carry one; only where the proxy sets its headers on every path",
  },
  window: {
    value: "DURATION",
    summary: `How long an earlier release may still answer, where nobody says (else ${defaults.window}, 0: not at all)`,
  },
  ...storeOptions,
  ...jsonOption,
} as const;

export const serve = defineCommand({
  name: "serve",
  summary: "Answers the errors of instances behind a reverse proxy: with the page, or as regular errors",
  details: [
    "It runs until SIGTERM or Ctrl-C, and then answers what is under way for 10 seconds at the most.",
    "ADDRESS is HOST:PORT or a port. Both listen on this machine alone unless you say otherwise.",
    "What the proxy sends is in docs/proxies.md.",
  ],
  example: "intermission serve --publish /run/intermission",
  positionals: [],
  options,
  async run(call) {
    const { output } = call;
    const parsed = toOptions(call);
    const { startErrorBackend } = await import("../../server/error-backend/index.ts");
    const settings = resolveSettings({ store: call.options.store, app: call.options.app }, call.environment);
    const store = openStore(settings.store as string);
    const signals = catchSignals();
    try {
      const intermission = createIntermission(
        {
          ...{ store, app: settings.app, refreshEvery },
          logger: { warn: note, error: note },
        },
        { environment: call.environment, by: actor(), role: "proxy" },
      );
      try {
        const backend = await startErrorBackend({
          ...parsed,
          intermission,
          store,
          onChange: ({ situation }) => {
            note(describe(situation.active));
          },
        });
        announce(call, settings.app, backend);
        await signals.caught;
        await backend.close();
      } finally {
        await intermission.close();
      }
    } finally {
      signals.release();
      await store.close();
    }

    function note(message: string): void {
      output.note(message);
    }
  },
});

type ParsedOptions = Omit<ErrorBackendOptions, "intermission" | "store" | "onChange" | "clock">;

function toOptions({ options: given, output }: Call<typeof options>): ParsedOptions {
  const { registered, asked } = toUpstreams(given.upstream);
  const listen = parseListenAddress(given.listen ?? defaults.listen, "--listen");
  const control = parseListenAddress(given.control ?? defaults.control, "--control");
  warnOfStrangers([listen.host, control.host], output);
  return {
    listen,
    control,
    publish: given.publish,
    releaseHeader: toHeaderName(given["release-header"] ?? "X-Upstream-Release", "--release-header"),
    upstreams: registered,
    ask: {
      addresses: asked,
      path: toHealthPath(given["health-path"] ?? defaults.healthPath),
      header: toHeaderName(given["upstream-header"] ?? "X-Release", "--upstream-header"),
    },
    learning: given["learn-upstreams"],
    window: toWindow(given.window ?? defaults.window),
  };
}

function warnOfStrangers(hosts: readonly string[], output: Output): void {
  if (hosts.every(isLoopback)) return;
  output.note("Note: other machines may reach it. Let nobody but the proxy do so.");
}

function announce(
  { options: { publish }, output }: Call<typeof options>,
  app: string,
  backend: ErrorBackend,
): void {
  const { url, controlUrl, published } = backend;
  const { active } = published.situation;
  output.answer({
    lines: [
      `Errors of the app ${app} go to ${url}; state, flag, metrics and health are at ${controlUrl}.`,
      ...(publish === undefined ? [] : [`Files are in ${publish}.`]),
    ],
    document: { app, errors: url, control: controlUrl, publish: publish ?? null, active },
  });
  output.note(describe(active));
}

function describe(active: boolean): string {
  return active
    ? "Intercepting: an error without a release gets the page."
    : "Not intercepting: an error without a release is regular.";
}

function toHeaderName(text: string, option: string): string {
  // A token, RFC 9110 section 5.6.2.
  if (/^[!#$%&'*+.^`|~\w-]{1,64}$/.test(text)) return text;
  throw new UsageError(`The option ${option} needs the name of a header, such as X-Release.`);
}

function toHealthPath(text: string): string {
  if (/^\/[!-~]{0,1000}$/.test(text)) return text;
  throw new UsageError("The option --health-path needs a path, such as /healthz.");
}

function toUpstreams(given: readonly string[]): {
  readonly registered: ReadonlyMap<string, string>;
  readonly asked: readonly string[];
} {
  if (given.length > mostUpstreams)
    throw new UsageError(`The option --upstream may be given ${String(mostUpstreams)} times at the most.`);
  const registered = new Map<string, string>();
  const asked = new Set<string>();
  for (const text of given) {
    const [address = "", ...rest] = text.split("=").map((part) => part.trim());
    const release = rest.join("=");
    if (rest.length === 0 && isAddress(address)) asked.add(address);
    else if (address !== "" && isRelease(release)) registered.set(address, release);
    else {
      throw new UsageError(
        `The option --upstream needs an address as the proxy writes it, such as 10.0.0.7:8000 or unix:/run/shop.sock, perhaps with its release: 10.0.0.7:8000=v1.0. It got ${JSON.stringify(text.slice(0, 200))}.`,
      );
    }
  }
  return { registered, asked: [...asked] };
}

function toWindow(text: string): number {
  const milliseconds = text.trim() === "0" ? 0 : parseDuration(text);
  if (milliseconds === undefined || milliseconds > maximumWindow)
    throw new UsageError(
      "The option --window needs a duration such as 90s or 15m, at most 30d, or 0 for none.",
    );
  return milliseconds;
}
