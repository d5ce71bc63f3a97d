import type { SwitchOnResult } from "../../core/operations.ts";
import type { ManualStatus } from "../../core/state/manual-status.ts";
import { defineCommand, jsonOption, storeOptions } from "../arguments/command.ts";
import { pipeWidth } from "../arguments/help.ts";
import { announce } from "../session/announce.ts";
import { parseSite, toLink } from "../arguments/link.ts";
import { manualRows, toManualDocument } from "../session/manual.ts";
import type { Line } from "../terminal/output.ts";
import { noteReach } from "../session/reach.ts";
import { withSession } from "../session/session.ts";
import { suggest } from "../arguments/suggestion.ts";
import { toPairs } from "../terminal/table.ts";
import { toIsoTime, toLocalTime } from "../terminal/time.ts";
import { wrap } from "../terminal/wrap.ts";
import { toWait, waitOptions } from "../arguments/wait.ts";
import { parseWhen } from "../arguments/when.ts";

export const on = defineCommand({
  name: "on",
  summary: "Turns manual mode on: every server error, or with --all every request, gets the page",
  details: [
    "It holds for all instances until off. It replaces what was set before, and earlier links stop working.",
    "WHEN is a time with its zone, such as 2026-11-22T20:00+01:00, or a duration from now, such as 30m.",
    "It returns once every instance knows: after 1 s, and with --all after 12 s.",
    "With --link, stdout has only the link. It lets anyone who has it past the page for 12 hours.",
  ],
  example: 'intermission on --all --message "Back at noon"',
  positionals: [],
  options: {
    all: { summary: "Close the site: every request gets the page, and the app is not asked" },
    message: { value: "TEXT", summary: "What visitors read in place of the page's own words" },
    "back-at": { value: "WHEN", summary: "When the site is expected back: shown, and sent as Retry-After" },
    from: { value: "WHEN", summary: "When it begins (else now)" },
    until: { value: "WHEN", summary: "When it ends by itself (else: off ends it)" },
    "exempt-path": { value: "GLOB", takes: "many", summary: "A path that stays open, such as /health" },
    "exempt-address": {
      value: "CIDR",
      takes: "many",
      summary: "Clients for whom the site stays open, such as 203.0.113.0/24",
    },
    "close-health-paths": {
      summary: "With --all: close the paths of health checks too, such as /healthz and /up",
    },
    link: {
      value: "URL",
      takes: "perhaps",
      summary: "Print a link past the page, to this address of the site",
    },
    ...storeOptions,
    ...waitOptions,
    ...jsonOption,
  },
  async run(call) {
    const { options, output } = call;
    const wait = toWait(options);
    const site = typeof options.link === "string" ? parseSite(options.link) : undefined;
    const switchOn = {
      mode: options.all ? "closed" : "errors",
      message: options.message,
      backAt: parseWhen(options["back-at"], "--back-at"),
      from: parseWhen(options.from, "--from"),
      until: parseWhen(options.until, "--until"),
      exemptPaths: options["exempt-path"],
      exemptAddresses: options["exempt-address"],
      closeHealthPaths: options["close-health-paths"],
      wait,
    } as const;
    await withSession(call, async (session) => {
      const { intermission } = session;
      const done = output.progress(
        options.all
          ? "Closing the site, and waiting until every instance has read it in the background (12 s)…"
          : "Turning manual mode on, and waiting until every instance knows…",
      );
      const result = await intermission.switchOn(switchOn).finally(done);
      const link = options.link === false ? null : toLink(site, result.bypass.token);
      const lines = toLines(result, suggest(call, "off"));
      if (link !== null) for (const line of lines) output.note(line);
      output.answer({
        lines: link === null ? lines : [link],
        document: {
          app: intermission.settings.app,
          ...toManualDocument(result.manual),
          previousMode: result.previousMode,
          link,
          linkUntil: link === null ? null : toIsoTime(result.bypass.until),
        },
      });
      if (options.all) for (const line of toHealthNotes(result.manual, output.width)) output.note(line);
      noteReach(session, call);
      await announce(session, output);
    });
  },
});

function toHealthNotes({ openHealthPaths }: ManualStatus, width = pipeWidth): readonly string[] {
  if (openHealthPaths.length === 0)
    return ["Note: health checks get the page too. A platform may take instances away for it."];
  return [
    "Note: health checks still reach the app, on these paths:",
    ...wrap(openHealthPaths.join(" "), width - 2).map((line) => `  ${line}`),
    "To leave another one open: --exempt-path /ping",
    "To close these too: --close-health-paths",
  ];
}

function toLines({ manual, previousMode }: SwitchOnResult, turnOff: string): readonly Line[] {
  const what = manual.mode === "closed" ? "every request gets the page" : "every server error gets the page";
  const headline =
    manual.holds || manual.from === null
      ? `Manual mode is on: ${what}.`
      : `Manual mode is set: from ${toLocalTime(manual.from)}, ${what}.`;
  return [
    { style: "green", text: headline },
    ...(previousMode === "auto" ? [] : [`It takes the place of what was on before (${previousMode}).`]),
    ...toPairs(manualRows(manual)),
    `To turn it off: ${turnOff}`,
  ];
}
