import { defineCommand, jsonOption, storeOptions } from "../arguments/command.ts";
import { placeOf, withSession } from "../session/session.ts";
import { suggest } from "../arguments/suggestion.ts";
import { toColumns } from "../terminal/table.ts";
import { toIsoTime, toLocalTime } from "../terminal/time.ts";

export const releases = defineCommand({
  name: "releases",
  summary: "Lists the releases, newest first",
  details: ["Each with the time at which it became current, the last time."],
  example: "intermission releases",
  positionals: [],
  options: { ...storeOptions, ...jsonOption },
  async run(call) {
    const { output } = call;
    await withSession(call, async (session) => {
      const { intermission } = session;
      const { app } = intermission.settings;
      const recorded = await intermission.releases();
      output.answer({
        lines:
          recorded.length === 0
            ? [
                `No release is recorded for the app ${app} in ${placeOf(session)}. Record one: ${suggest(call, "create-release")}`,
              ]
            : toColumns(
                recorded.map(({ id, at }, index) => {
                  const columns = [id, toLocalTime(at)];
                  return index === 0 ? [...columns, { style: "green", text: "current" }] : columns;
                }),
              ),
        document: {
          app,
          currentRelease: recorded[0]?.id ?? null,
          releases: recorded.map(({ id, at }) => ({ id, at: toIsoTime(at) })),
        },
      });
    });
  },
});
