import { reasonOf } from "../../core/errors.ts";
import { defineCommand, jsonOption } from "../arguments/command.ts";
import { parseListenAddress } from "../arguments/listen-address.ts";

/** Where the documents put the control addresses of serve and the gateway. */
const usual = ["127.0.0.1:9201", "127.0.0.1:9202"];
/** Milliseconds. */
const timeout = 3000;

interface Result {
  readonly address: string;
  /** null: no answer. */
  readonly status: number | null;
  readonly problem: string | null;
}

export const health = defineCommand({
  name: "health",
  summary: "Asks a running serve or gateway whether it is well",
  details: [
    "For the health check of a container, whose image may have no other program to ask with. It ends with 0 if /healthz at the control address answers 200 within 3 seconds, else with 1.",
    `Without an address it asks serve at ${usual.join(", then the gateway at ")}. The gateway listens there only with --control.`,
  ],
  example: "intermission health --control 127.0.0.1:9202",
  positionals: [],
  options: {
    control: { value: "ADDRESS", summary: "The same as serve or the gateway has" },
    ...jsonOption,
  },
  async run({ options, output, exitWith }) {
    const results: Result[] = [];
    for (const address of options.control === undefined ? usual : [options.control]) {
      const result = await ask(address);
      results.push(result);
      if (result.status !== null) break;
    }
    const ok = results.at(-1)?.status === 200;
    output.answer({
      lines: results.map(({ address, problem }) => `${address}: ${problem ?? "well"}`),
      document: { ok, asked: results },
    });
    if (!ok) exitWith(1);
  },
});

async function ask(address: string): Promise<Result> {
  const { host, port } = parseListenAddress(address, "--control");
  // What listens on every address answers on this machine's own, too.
  const target = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  const url = `http://${target.includes(":") ? `[${target}]` : target}:${String(port)}/healthz`;
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(timeout) });
    await response.body?.cancel();
    const { status } = response;
    return { address, status, problem: status === 200 ? null : `not well, it answered ${String(status)}` };
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === "TimeoutError";
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    const reason = isLate ? `nothing came within ${String(timeout / 1000)} seconds` : reasonOf(cause);
    return { address, status: null, problem: `no answer, ${reason}` };
  }
}
