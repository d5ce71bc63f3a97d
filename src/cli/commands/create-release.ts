import { doubtAbout } from "../../core/release.ts";
import type { CreateReleaseResult } from "../../core/operations.ts";
import { defineCommand, jsonOption, storeOptions } from "../arguments/command.ts";
import { announce } from "../session/announce.ts";
import type { Line } from "../terminal/output.ts";
import { noteReach } from "../session/reach.ts";
import { withSession } from "../session/session.ts";
import { noteStrangers } from "../session/strangers.ts";
import { suggest } from "../arguments/suggestion.ts";
import { fromWhen, toWait, waitOptions } from "../arguments/wait.ts";

export const createRelease = defineCommand({
  name: "create-release",
  summary: "Records a release as the current one",
  details: [
    "Run it on the new machine, before its migrations. From then on, a server error of an instance that runs another release becomes the maintenance page.",
    "Without an id it records this machine's own release (MAINTENANCE_PAGE_RELEASE, or what the platform says).",
    "It returns once every instance knows. A release that was recorded before stays where it is in the history: use rollback to return to it.",
  ],
  example: "intermission create-release v1.1",
  positionals: ["id"],
  options: { ...storeOptions, ...waitOptions, ...jsonOption },
  async run(call) {
    const { options, positionals, output } = call;
    const wait = toWait(options);
    await withSession(call, async (session) => {
      const { intermission } = session;
      const done = output.progress("Recording the release, and waiting until every instance knows…");
      const result = await intermission.createRelease(positionals[0], { wait }).finally(done);
      output.answer({
        lines: toLines(result, wait, intermission.settings.release?.id),
        document: { app: intermission.settings.app, ...result },
      });
      if (result.outcome === "known") {
        output.note([
          { style: "yellow", text: "Warning:" },
          ` ${result.release} was recorded before, and the current release is ${result.currentRelease}. Nothing was changed.`,
          ` To go back to it, run: ${suggest(call, "rollback", result.release)}`,
        ]);
      }
      if (result.outcome === "recorded") noteReach(session, call);
      if (doubtAbout(result.release) === "constant") {
        output.note([
          { style: "yellow", text: "Warning:" },
          ` ${result.release} looks like a name that the next deploy will have too. Then old instances can't be told from new ones: record a version, a commit or an image tag.`,
        ]);
      }
      await Promise.all([
        announce(session, output),
        result.outcome === "recorded" ? noteStrangers(session, output) : undefined,
      ]);
    });
  },
});

function toLines(
  { release, outcome, previousRelease }: CreateReleaseResult,
  wait: boolean | number,
  instanceRelease: string | undefined,
): readonly Line[] {
  switch (outcome) {
    case "known":
      return [];
    case "already-current":
      return [`${release} is the current release already. Nothing was changed.`];
    case "recorded": {
      const before = previousRelease === null ? ". It is the first one" : ` (before: ${previousRelease})`;
      const effect = `${fromWhen(wait)}, server errors of instances that run another release become the maintenance page.`;
      const own =
        instanceRelease === undefined || instanceRelease === release
          ? []
          : [`This machine runs ${instanceRelease}, so its own errors do too.`];
      return [
        { style: "green", text: `Recorded ${release} as the current release${before}.` },
        effect,
        ...own,
      ];
    }
  }
}
