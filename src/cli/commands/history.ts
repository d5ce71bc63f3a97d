import { defineCommand, jsonOption, storeOptions } from "../arguments/command.ts";
import { withSession } from "../session/session.ts";
import { toIsoTime, toLocalTime } from "../terminal/time.ts";

export const history = defineCommand({
  name: "history",
  summary: "Lists what was changed, by whom and when, newest first",
  details: ["The newest hundred changes, or as many as take 3 KiB."],
  example: "intermission history",
  positionals: [],
  options: { ...storeOptions, ...jsonOption },
  async run(call) {
    await withSession(call, async ({ intermission }) => {
      const { app } = intermission.settings;
      const changes = await intermission.history();
      const width = Math.max(0, ...changes.map(({ by }) => by.length));
      call.output.answer({
        lines:
          changes.length === 0
            ? [`Nothing was changed for the app ${app} yet.`]
            : changes.map(({ at, by, what }) => `${toLocalTime(at)}  ${by.padEnd(width)}  ${what}`),
        document: { app, changes: changes.map(({ at, by, what }) => ({ at: toIsoTime(at), by, what })) },
      });
    });
  },
});
