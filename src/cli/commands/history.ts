import { defineCommand, jsonOption, storeOptions } from "../arguments/command.ts";
import { withSession } from "../session/session.ts";
import { toColumns } from "../terminal/table.ts";
import { toIsoTime, toLocalTime } from "../terminal/time.ts";

export const history = defineCommand({
  name: "history",
  summary: "Lists what was changed, by whom and when, newest first",
  details: ["The newest hundred changes, or as many as take 4 KiB."],
  example: "intermission history",
  positionals: [],
  options: { ...storeOptions, ...jsonOption },
  async run(call) {
    await withSession(call, async ({ intermission }) => {
      const { app } = intermission.settings;
      const changes = await intermission.history();
      call.output.answer({
        lines:
          changes.length === 0
            ? [`Nothing was changed for the app ${app} yet.`]
            : toColumns(changes.map(({ at, by, what }) => [toLocalTime(at), by, what])),
        document: { app, changes: changes.map(({ at, by, what }) => ({ at: toIsoTime(at), by, what })) },
      });
    });
  },
});
