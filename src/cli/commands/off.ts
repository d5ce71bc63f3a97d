import { defineCommand, jsonOption, storeOptions } from "../arguments/command.ts";
import { announce } from "../session/announce.ts";
import { withSession } from "../session/session.ts";
import { toWait, waitOptions } from "../arguments/wait.ts";

export const off = defineCommand({
  name: "off",
  summary: "Turns manual mode off: the releases decide again",
  details: [
    "It returns after 1 s, when every instance lets requests through again. Bypass links stop working.",
    "It does not change an instance that was started with MAINTENANCE_MODE.",
  ],
  example: "intermission off",
  positionals: [],
  options: { ...storeOptions, ...waitOptions, ...jsonOption },
  async run(call) {
    const { options, output } = call;
    const wait = toWait(options);
    await withSession(call, async (session) => {
      const { intermission } = session;
      const done = output.progress("Turning manual mode off, and waiting until every instance knows…");
      const { previousMode } = await intermission.switchOff({ wait }).finally(done);
      output.answer({
        lines:
          previousMode === "auto"
            ? ["Manual mode is off already. Nothing was changed."]
            : [
                {
                  style: "green",
                  text: `Manual mode is off (before: ${previousMode}). The releases decide again.`,
                },
              ],
        document: { app: intermission.settings.app, mode: "auto", previousMode },
      });
      await announce(session, output);
    });
  },
});
