import { readFileSync } from "node:fs";
import { reasonOf } from "../../core/errors.ts";
import { resolveSettings } from "../../core/settings/resolve.ts";
import { openStore } from "../../stores/open.ts";
import { defineCommand, jsonOption, storeOptions, type Call } from "../arguments/command.ts";
import { isLoopback, parseListenAddress } from "../arguments/listen-address.ts";
import { UsageError } from "../arguments/usage-error.ts";
import { catchSignals } from "../deploy/signals.ts";

const defaultListen = "127.0.0.1:4600";
/** Characters. A shorter one could be guessed. */
const shortestToken = 16;
const longestToken = 600;

const options = {
  listen: { value: "ADDRESS", summary: `Where it listens (else ${defaultListen})` },
  "read-only": { summary: "Nobody may change anything" },
  "token-file": {
    value: "FILE",
    summary: "The token, on the first line (else a random one is made and printed)",
  },
  "read-token-file": { value: "FILE", summary: "Another token, whose holders may look and not change" },
  host: {
    value: "NAME",
    takes: "many",
    summary: "A name under which it is reached, beside those of this machine",
  },
  "trust-header": {
    value: "NAME",
    summary: "The header in which a proxy that authenticates says who asks, such as X-Remote-User",
  },
  "trust-address": {
    value: "CIDR",
    takes: "many",
    summary: "Where that proxy is (else this machine): the header is taken from there alone",
  },
  ...storeOptions,
  app: {
    value: "NAME",
    takes: "many",
    summary: "The app (else MAINTENANCE_APP); named several times, they are shown side by side",
  },
  ...jsonOption,
} as const;

type ConsoleCall = Call<typeof options>;

export const consoleCommand = defineCommand({
  name: "console",
  summary: "Serves a web page that shows a deploy and steers it",
  details: [
    "It prints its address with a token in it: whoever has it may see and change all that this command line can. It listens on this machine alone, unless you say otherwise, and ends with Ctrl-C or SIGTERM.",
    "What it shows comes from the store. However many people look, the store is asked twice a second at the most for each app.",
    "Behind a proxy that authenticates, name its header and its address: --trust-header X-Remote-User --trust-address 10.0.0.7. The proxy must set the header on every request.",
  ],
  example: "intermission console --read-only",
  positionals: [],
  options,
  async run(call) {
    const parsed = toOptions(call);
    const settings = resolveSettings(
      { store: call.options.store, app: call.options.app[0] },
      call.environment,
    );
    const { startConsole } = await import("../../server/console/index.ts");
    const store = openStore(settings.store as string);
    const signals = catchSignals();
    try {
      const running = await startConsole({
        ...parsed,
        store,
        app: call.options.app.length > 1 ? call.options.app : settings.app,
        environment: call.environment,
      });
      const shown = call.options["token-file"] === undefined ? running.url : running.url.split("#", 1)[0];
      call.output.answer({
        lines: [`The console is at ${shown ?? ""}`, "Ctrl-C ends it."],
        document: { url: shown },
      });
      await signals.caught;
      await running.close();
    } finally {
      signals.release();
      await store.close();
    }
  },
});

function toOptions({ options: given, output }: ConsoleCall) {
  const listen = parseListenAddress(given.listen ?? defaultListen, "--listen");
  if (!isLoopback(listen.host)) {
    output.note(
      "Note: other machines may reach it, and it speaks plain HTTP. Put a proxy with TLS before it, and name it with --host.",
    );
  }
  const header = given["trust-header"];
  const addresses = given["trust-address"];
  if (header === undefined && addresses.length > 0)
    throw new UsageError("The option --trust-address goes with --trust-header.");
  if (header !== undefined && !/^[\w-]{1,64}$/.test(header))
    throw new UsageError("The option --trust-header needs the name of a header, such as X-Remote-User.");
  const isListedHost = isLoopback(listen.host) || listen.host === "0.0.0.0" || listen.host === "::";
  return {
    listen,
    readOnly: given["read-only"],
    token: readToken(given["token-file"], "--token-file"),
    readToken: readToken(given["read-token-file"], "--read-token-file"),
    hosts: [...given.host, ...(isListedHost ? [] : [listen.host])],
    trusted:
      header === undefined
        ? undefined
        : {
            header: header.toLowerCase(),
            addresses: addresses.length === 0 ? ["127.0.0.0/8", "::1"] : addresses,
          },
  };
}

/** @throws UsageError */
function readToken(file: string | undefined, option: string): string | undefined {
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`The option ${option} needs a file that can be read: ${reasonOf(error)}.`);
  }
  const token = text.split("\n", 1)[0]?.trim() ?? "";
  if (token.length >= shortestToken && token.length <= longestToken && /^\S+$/.test(token)) return token;
  throw new UsageError(
    `The option ${option} needs a file whose first line is a token of ${String(shortestToken)} to ${String(longestToken)} characters without spaces. For example: openssl rand -hex 32 > token`,
  );
}
