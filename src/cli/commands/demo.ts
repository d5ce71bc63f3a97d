import { isSingleBinary } from "../../core/runtime.ts";
import { defineCommand } from "../arguments/command.ts";
import { parsePort } from "../arguments/port.ts";
import { UsageError } from "../arguments/usage-error.ts";

export const demo = defineCommand({
  name: "demo",
  summary: "Runs a small site on which you can play through a deploy",
  details: ["It listens on this machine only, and stops with Ctrl-C. It leaves nothing behind."],
  example: "intermission demo",
  positionals: [],
  options: { port: { value: "PORT", summary: "Where it listens (else 4500, or the next free port)" } },
  async run({ options }) {
    const port = parsePort(options.port);
    if (isSingleBinary())
      throw new UsageError("The demo needs Node, and is not in this binary: npx intermission demo");
    const { runDemo } = await import("../../demo/index.ts");
    const { consoleListener } = await import("../../server/console/listener.ts");
    await runDemo({
      ...(port === undefined ? {} : { port }),
      // Only to look: the panel's buttons play the deploy.
      showConsole: (store) =>
        consoleListener({ store, visitor: () => ({ name: "you", mayChange: false }), readOnly: true }),
    });
  },
});
