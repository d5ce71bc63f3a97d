import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createIntermission } from "../../src/engine/create.ts";
import { openBooks } from "../story/books.js";
import { createStage, type Instance, type Kind, type Stage } from "../story/stage.ts";
import { faults, type Fault, type FaultName, type Knowledge } from "./faults.ts";
import { footprintOf, type Footprint } from "./footprint.ts";
import { judge } from "./judge.ts";
import type { Cell, CommandOutcome, Outcome } from "./outcome.ts";
import type { Place, Strike, Subject } from "./subject.ts";
import { startVisitors, waitsOf, type Visitors } from "./visitors.ts";

/**
 * The releases. `before` is current when the fault begins, the command line tries to record `during` in it,
 * and `after` is recorded when it has ended: then every instance must change its mind.
 */
const releases = { before: "v1.1", during: "v1.2", after: "v1.0" } as const;
const instanceReleases: Readonly<Record<Knowledge, string>> = {
  mismatch: releases.after,
  match: releases.before,
  never: "v0.9",
};
const kindAfter: Readonly<Record<Knowledge, Kind>> = { mismatch: "raw", match: "page", never: "page" };

/** Milliseconds. */
const quietFor = 700;
const firstErrorsFor = 2500;
const steadyFor = 2000;
/** What a new instance may take for its first read, on a busy machine. */
const firstReadWithin = 1000;
/** How long to poll for what an instance knows: long enough to report how late it was. */
const longestPoll = 15_000;

/** An instance under traffic, and what was seen of it. */
interface Player {
  readonly instance: Instance;
  readonly visitors: Visitors;
  readonly before: Footprint;
  /** By `performance.now()`. */
  readonly since: number;
}

export interface Trial<Server> {
  readonly name: FaultName;
  readonly strike: Strike<Server>;
  readonly subject: Pick<Subject<never>, "password"> & {
    urlOf(server: Server, folder: string, network: boolean): string;
  };
  readonly server: Server;
  /** From 0: a repeated trial must not find what the previous one recorded. */
  readonly attempt: number;
}

/** Strikes a store once, under three instances with constant traffic, and returns the result. */
export async function tryFault<Server>({
  name,
  strike,
  subject,
  server,
  attempt,
}: Trial<Server>): Promise<Outcome> {
  const fault: Fault = faults[name];
  const shared: Record<string, string> = {};
  const stage = createStage(shared);
  const place: Place = {
    url: subject.urlOf(server, stage.folder, strike.network === true),
    app: `fault-${name}-${String(attempt)}`,
    folder: stage.folder,
  };
  shared["MAINTENANCE_STORE"] = place.url;
  shared["MAINTENANCE_APP"] = place.app;
  shared["LIBRARY_DATABASE"] = join(stage.folder, "library.db");

  let endFault: (() => unknown) | undefined;
  const players = new Map<Knowledge | "control", Player>();
  try {
    await strike.prepare?.(server, place);
    await openBooks(shared["LIBRARY_DATABASE"]).close();
    await record(place, releases.before);

    // The control's store can't fail: its successes show what the machine alone can do.
    const control = { MAINTENANCE_STORE: "memory:" };
    await Promise.all([
      enter(stage, players, "mismatch", instanceReleases.mismatch),
      enter(stage, players, "match", instanceReleases.match),
      enter(stage, players, "control", instanceReleases.match, control),
    ]);
    await pause(quietFor);

    const struckAt = performance.now();
    endFault = await strike.begin(server, place);
    await enter(stage, players, "never", instanceReleases.never);
    await pause(firstErrorsFor);
    const steadyAt = performance.now();
    await pause(steadyFor);
    const calmAt = performance.now();
    const during = footprints(players);

    const [status, createRelease] = await Promise.all([
      command(stage, "status"),
      command(stage, "create-release", releases.during),
    ]);
    const recorded = createRelease.exitCode === 0;
    const heardAfter = recorded ? await knownAfter(players, () => "page") : undefined;
    await pause(Math.max(0, struckAt + (fault.lasts ?? 0) - performance.now()));

    const end = endFault;
    endFault = undefined;
    await end();
    const endedAt = performance.now();
    const history = await read(place);
    await strike.check?.(server, place);
    await record(place, releases.after);
    const known = await knownAfter(players, (knowledge) => kindAfter[knowledge], endedAt);
    await pause(quietFor);
    const after = footprints(players);

    const cells = {} as Record<Knowledge, Cell>;
    const windows = { struckAt, steadyAt, calmAt };
    // A settled instance's footprint also stands for the one that started into the fault.
    const before = (players.get("match") as Player).before;
    for (const knowledge of ["mismatch", "match", "never"] as const) {
      cells[knowledge] = {
        ...describe(players.get(knowledge) as Player, windows),
        knownAfter: known[knowledge],
        sockets: {
          before: before.sockets,
          during: during[knowledge].sockets,
          after: after[knowledge].sockets,
        },
        memory: { before: before.memory, after: after[knowledge].memory },
      };
    }
    const controls = players.get("control") as Player;
    const ends = await leave(players);
    const facts = {
      cells,
      createRelease,
      status,
      history,
      ends,
      control: waitsOf(controls.visitors.during("/working", steadyAt, calmAt)),
      slowestControl: waitsOf(controls.visitors.during("/working", struckAt, calmAt)).slowest,
      ...(heardAfter === undefined ? {} : { heardAfter }),
    };
    const problems = judge(facts, {
      consequence: strike.consequence ?? fault.consequence,
      says: strike.says,
      password: subject.password,
      before: releases.before,
      during: releases.during,
    });
    return { fault: name, how: strike.how, cells, createRelease, status, problems };
  } finally {
    await endFault?.();
    await Promise.all([...players.values()].map(({ visitors }) => visitors.stop()));
    await strike.clear?.(server, place);
    await stage.clear();
  }
}

async function enter(
  stage: Stage,
  players: Map<Knowledge | "control", Player>,
  role: Knowledge | "control",
  release: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const instance = await stage.startInstance(release, environment);
  const since = performance.now();
  const player = { instance, visitors: startVisitors(instance), since, before: footprintOf(instance.pid) };
  players.set(role, player);
  if (role === "never") return;
  // Its footprint before the fault: visitors connected, store read.
  await pause(quietFor);
  players.set(role, { ...player, before: footprintOf(instance.pid) });
}

function footprints(
  players: ReadonlyMap<string, Player>,
): Record<string, Footprint> & Record<Knowledge, Footprint> {
  return Object.fromEntries(
    [...players].map(([role, { instance }]) => [role, footprintOf(instance.pid)]),
  ) as Record<Knowledge, Footprint>;
}

function describe(
  { visitors, instance, since }: Player,
  { struckAt, steadyAt, calmAt }: Readonly<Record<"struckAt" | "steadyAt" | "calmAt", number>>,
): Pick<Cell, "shown" | "warnings" | "first" | "steady"> {
  const from = Math.max(struckAt, since);
  const settledAt = Math.max(struckAt, since + firstReadWithin);
  return {
    shown: [...new Set(visitors.during("/bug", settledAt, calmAt).map(({ kind }) => kind))].sort(),
    warnings: instance.warnings,
    first: {
      error: waitsOf(visitors.during("/bug", from, steadyAt)).slowest,
      success: waitsOf(visitors.during("/working", from, steadyAt)).slowest,
    },
    steady: {
      error: waitsOf(visitors.during("/bug", steadyAt, calmAt)),
      success: waitsOf(visitors.during("/working", steadyAt, calmAt)),
    },
  };
}

/** How each instance ended, and everything seen of it other than figures. */
export interface End {
  readonly role: string;
  readonly exitCode: number | null;
  readonly stderr: string;
  readonly failures: readonly string[];
  /** What its successes became. */
  readonly successes: readonly string[];
}

async function leave(players: Map<string, Player>): Promise<readonly End[]> {
  return Promise.all(
    [...players].map(async ([role, { instance, visitors }]) => {
      await visitors.stop();
      const exitCode = await Promise.race([instance.stop(), pause(longestPoll, null)]);
      const successes = visitors.answers.filter(({ path }) => path === "/working").map(({ kind }) => kind);
      return {
        role,
        exitCode,
        stderr: instance.stderr,
        failures: visitors.failures,
        successes: [...new Set(successes)],
      };
    }),
  );
}

async function command(stage: Stage, ...parameters: readonly string[]): Promise<CommandOutcome> {
  const begunAt = performance.now();
  const { code, stderr } = await stage.run(undefined, ...parameters);
  return { exitCode: code, took: performance.now() - begunAt, line: stderr.trimEnd() };
}

/** Milliseconds until the errors of each instance become what they should. */
async function knownAfter(
  players: ReadonlyMap<string, Player>,
  kindOf: (knowledge: Knowledge) => Kind,
  from = performance.now(),
): Promise<Record<Knowledge, number>> {
  const knowledges = ["mismatch", "match", "never"] as const;
  const times = await Promise.all(
    knowledges.map(async (knowledge) => {
      const { instance } = players.get(knowledge) as Player;
      while (performance.now() - from < longestPoll) {
        const asked = performance.now();
        if ((await instance.visit("/bug")).kind === kindOf(knowledge)) return Math.max(0, asked - from);
        await pause(20);
      }
      return longestPoll;
    }),
  );
  return Object.fromEntries(knowledges.map((knowledge, index) => [knowledge, times[index]])) as Record<
    Knowledge,
    number
  >;
}

/** Like an unhindered deploy. */
async function record({ url, app }: Place, release: string): Promise<void> {
  const intermission = createIntermission({ store: url, app }, { environment: {}, watching: false });
  try {
    await intermission.createRelease(release, { wait: false });
  } finally {
    await intermission.close();
  }
}

/** The releases in the record, newest first. */
async function read({ url, app }: Place): Promise<readonly string[]> {
  const intermission = createIntermission({ store: url, app }, { environment: {}, watching: false });
  try {
    return (await intermission.releases()).map(({ id }) => id);
  } finally {
    await intermission.close();
  }
}
