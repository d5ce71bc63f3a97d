import { defineCommand, jsonOption, storeOptions } from "../arguments/command.ts";
import { announce } from "../session/announce.ts";
import { withSession } from "../session/session.ts";
import { fromWhen, toWait, waitOptions } from "../arguments/wait.ts";

export const rollback = defineCommand({
  name: "rollback",
  summary: "Makes an earlier release the current one again",
  details: [
    "Without an id it goes back to the release that was current before.",
    "It returns once every instance knows. It replaces no instance: your deploy does that.",
  ],
  example: "intermission rollback v1.0",
  positionals: ["id"],
  options: { ...storeOptions, ...waitOptions, ...jsonOption },
  async run(call) {
    const { options, positionals, output } = call;
    const wait = toWait(options);
    await withSession(call, async (session) => {
      const { intermission } = session;
      const done = output.progress("Rolling back, and waiting until every instance knows…");
      const { release, outcome, previousRelease } = await intermission
        .rollback(positionals[0], { wait })
        .finally(done);
      output.answer({
        lines:
          outcome === "already-current"
            ? [`${release} is the current release already. Nothing was changed.`]
            : [
                {
                  style: "green",
                  text: `${release} is the current release again (before: ${previousRelease}).`,
                },
                `${fromWhen(wait)}, server errors of instances that run another release become the maintenance page.`,
              ],
        document: {
          app: intermission.settings.app,
          release,
          outcome,
          currentRelease: release,
          previousRelease,
        },
      });
      await announce(session, output);
    });
  },
});
