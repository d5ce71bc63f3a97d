import { setTimeout as pause } from "node:timers/promises";
import type { SeenInstance } from "../../reports/instances.ts";
import { defineCommand, jsonOption, storeOptions } from "../arguments/command.ts";
import { maskedBy, readFleet, titleOf, toDocument, type Fleet } from "../session/fleet.ts";
import { describeMismatch, readMismatch, type Mismatch } from "../session/mismatch.ts";
import type { Line, Piece } from "../terminal/output.ts";
import { withSession, type Session } from "../session/session.ts";
import { toTable } from "../terminal/table.ts";
import { toLocalTime, toSpan } from "../terminal/time.ts";
import { UsageError } from "../arguments/usage-error.ts";

/** Milliseconds between two reads. */
const lookEvery = 2000;

export const instances = defineCommand({
  name: "instances",
  summary: "Lists the running instances, and which release each of them runs",
  details: [
    "Every instance reports itself soon after its start and every 15 seconds. One that has been silent for 60 seconds is no longer listed.",
    "Those with MAINTENANCE_REPORT=false, and those whose database user may not write reports, can't be listed.",
  ],
  example: "intermission instances --watch",
  positionals: [],
  options: {
    ...storeOptions,
    watch: { summary: "Keep the list up to date, until Ctrl-C" },
    ...jsonOption,
  },
  async run(call) {
    const { options, output } = call;
    if (options.watch && options.json) throw new UsageError("--watch and --json can't be used together.");
    await withSession(call, async (session) => {
      const { app } = session.intermission.settings;
      const seen = await look(session);
      if (!options.watch) {
        output.answer({ lines: toLines(app, seen), document: toDocument(app, seen.fleet, seen.mismatch) });
        return;
      }
      const show = output.follow("stdout");
      show(toLines(app, seen));
      for (;;) {
        await pause(lookEvery);
        // The store may be back at the next read; until then the last result stays.
        const next = await look(session).catch(() => undefined);
        if (next !== undefined) show(toLines(app, next));
      }
    });
  },
});

interface Seen {
  readonly fleet: Fleet;
  readonly mismatch: Mismatch | undefined;
}

async function look(session: Session): Promise<Seen> {
  const { store, intermission } = session;
  const fleet = await readFleet(session);
  return { fleet, mismatch: await readMismatch({ store, settings: intermission.settings, ...fleet }) };
}

function toLines(app: string, { fleet, mismatch }: Seen): readonly Line[] {
  const { currentRelease, now, instances: seen, proxies, behind } = fleet;
  if (seen.length + proxies.length === 0)
    return [`No instance of the app ${app} has reported itself in the last 60 seconds.`];
  const isBehind = new Set(behind);
  const stateOf = (instance: SeenInstance): Piece => {
    if (instance.role === "proxy") return { style: "dim", text: "proxy" };
    return isBehind.has(instance) ? { style: "yellow", text: "behind" } : { style: "green", text: "current" };
  };
  const rows = [...seen, ...proxies].map((instance): readonly (Piece | number)[] => [
    titleOf(instance),
    instance.role === "proxy" ? "" : (instance.release ?? "unknown"),
    stateOf(instance),
    toLocalTime(instance.startedAt),
    `${toSpan(now - instance.lastSeenAt)} ago`,
    instance.observing === true ? `${String(maskedBy(instance))} (only observed)` : maskedBy(instance),
  ]);
  return [
    ...toTable(["Name", "Release", "", "Started", "Last seen", "Masked errors"], rows),
    "",
    `${String(seen.length - behind.length)} of ${String(seen.length)} run the current release, ${currentRelease ?? "none"}.`,
    ...(mismatch?.isLong === true
      ? [[{ style: "yellow", text: `The others have been behind ${describeMismatch(mismatch)}.` } as const]]
      : []),
  ];
}
