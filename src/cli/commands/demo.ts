import { defineCommand } from "../command.ts";
import { UsageError } from "../usage-error.ts";

export const demo = defineCommand({
  name: "demo",
  summary: "Runs a small site on which you play a deploy yourself",
  details: ["It listens on this machine only, and stops with Ctrl-C. Nothing of it stays."],
  positionals: [],
  options: { port: { value: "PORT", summary: "Where it listens (else 4500, or the next free port)" } },
  async run({ options }) {
    const port = toPort(options.port);
    const { runDemo } = await import("../../demo/index.ts");
    await runDemo(port === undefined ? {} : { port });
  },
});

function toPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535))
    throw new UsageError("The option --port needs a number from 0 (any free port) to 65535.");
  return port;
}
