import type { Consequence, Knowledge } from "./faults.ts";
import type { Cell, CommandOutcome } from "./outcome.ts";
import type { End } from "./trial.ts";
import type { Waits } from "./visitors.ts";

/** What was seen in a trial. */
export interface Facts {
  readonly cells: Readonly<Record<Knowledge, Cell>>;
  readonly createRelease: CommandOutcome;
  readonly status: CommandOutcome;
  /** The releases in the record after the fault, newest first. */
  readonly history: readonly string[];
  readonly ends: readonly End[];
  /** Successes at the same time of an instance whose store can't fail. */
  readonly control: Waits;
  readonly slowestControl: number;
  /** Milliseconds until each instance acted on what the command line recorded during the fault. */
  readonly heardAfter?: Readonly<Record<Knowledge, number>>;
}

export interface Expected {
  readonly consequence: Consequence;
  readonly says: RegExp | undefined;
  readonly password: string | undefined;
  /** Releases: current before the fault, and recorded during it, if at all. */
  readonly before: string;
  readonly during: string;
}

/**
 * How long an error may wait for the store, and how much slower than a success it may be by chance.
 * Milliseconds.
 */
const readTimeout = 250;
const noise = { slowest: 60, median: 10, p95: 30 } as const;
/** What a new instance may take to compile what its first error runs, on a busy machine. */
const coldStart = 500;
/** Milliseconds until a fault's end is known, and until a command gives up, including its process's start. */
const knownWithin = 2000;
const commandWithin = 5000;
const processStart = 1500;
/** By how much an instance may grow: connections being opened; uncollected memory, in MB. */
const moreSockets = 8;
const moreSocketsAfter = 4;
const moreMemory = 64;

/** The violations, a sentence each. */
export function judge(facts: Facts, expected: Expected): string[] {
  return [
    ...Object.entries(facts.cells).flatMap(([knowledge, cell]) =>
      judgeCell(knowledge as Knowledge, cell, facts, expected),
    ),
    ...facts.ends.flatMap((end) => judgeEnd(end, expected)),
    ...judgeCommand("status", facts.status, expected.consequence.status, expected),
    ...judgeCommand("create-release", facts.createRelease, expected.consequence.createRelease, expected),
    ...judgeHistory(facts, expected),
  ];
}

function judgeCell(
  knowledge: Knowledge,
  { shown, warnings, first, steady, knownAfter, sockets, memory }: Cell,
  { control, slowestControl, heardAfter }: Facts,
  { consequence }: Expected,
): string[] {
  const problems: string[] = [];
  const check = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(`${knowledge}: ${problem}`);
  };

  const right = knowledge === "mismatch" || (knowledge === "never" && consequence.readable) ? "page" : "raw";
  check(shown.join() === right, `errors became ${shown.join(" and ")}, not ${right}`);

  const about = knowledge === "never" ? consequence.warnsWhenStarted : consequence.warns;
  const beside = new Set(["push-unavailable", "report-failed"]);
  const said = warnings.filter((code) => !beside.has(code));
  check(
    said.join() === (about ?? "") && new Set(warnings).size === warnings.length,
    `warned of ${warnings.join() || "nothing"}, not once of ${about ?? "nothing"}`,
  );

  const slowestSuccess = Math.max(first.success, slowestControl);
  const cold = knowledge === "never" ? coldStart : 0;
  check(
    first.error <= readTimeout + noise.slowest + cold + slowestSuccess,
    `the slowest of the first errors took ${ms(first.error)}, the slowest success ${ms(slowestSuccess)}`,
  );
  for (const [what, later, sooner] of [
    ["errors are delayed though the store is known to fail", steady.error, steady.success],
    ["successes are delayed", steady.success, control],
  ] as const) {
    check(
      later.median <= sooner.median + noise.median && later.p95 <= sooner.p95 + noise.p95,
      `${what}: median ${ms(later.median)}, p95 ${ms(later.p95)} against ${ms(sooner.median)}, ${ms(sooner.p95)}`,
    );
  }

  const patience = knownWithin + noise.slowest + slowestSuccess;
  check(knownAfter <= patience, `what was recorded after the fault was known after ${ms(knownAfter)}`);
  const heard = heardAfter?.[knowledge] ?? 0;
  check(heard <= patience, `what was recorded during the fault was known after ${ms(heard)}`);

  check(
    sockets.during <= sockets.before + moreSockets && sockets.after <= sockets.before + moreSocketsAfter,
    `held ${String(sockets.before)} sockets before, ${String(sockets.during)} during the fault, ${String(sockets.after)} after it`,
  );
  check(
    memory.after <= memory.before + moreMemory,
    `held ${memory.before.toFixed()} MB before, ${memory.after.toFixed()} MB after the fault`,
  );
  return problems;
}

function judgeEnd({ role, exitCode, stderr, failures, successes }: End, { password }: Expected): string[] {
  const problems: string[] = [];
  if (exitCode !== 0) problems.push(`${role}: ended with ${String(exitCode)}`);
  if (failures.length > 0)
    problems.push(`${role}: ${String(failures.length)} visits failed, first ${failures[0] ?? ""}`);
  if (successes.join() !== "success") problems.push(`${role}: successes became ${successes.join(" and ")}`);
  const strange = stderr.split("\n").filter((line) => line !== "" && !line.startsWith("[intermission] "));
  if (strange.length > 0) problems.push(`${role}: said ${strange.slice(0, 3).join(" / ")}`);
  if (password !== undefined && stderr.includes(password)) problems.push(`${role}: said the password`);
  return problems;
}

function judgeCommand(
  verb: string,
  { exitCode, took, line }: CommandOutcome,
  right: 0 | 1,
  { says, password }: Expected,
): string[] {
  const problems: string[] = [];
  if (exitCode !== right) problems.push(`${verb}: exit ${String(exitCode)}, not ${String(right)}: ${line}`);
  if (took > commandWithin + processStart) problems.push(`${verb}: took ${ms(took)}`);
  if (password !== undefined && line.includes(password)) problems.push(`${verb}: said the password`);
  if (right === 1) {
    const clear = line.startsWith("intermission: ") && !line.includes("\n") && says?.test(line) === true;
    if (!clear) problems.push(`${verb}: does not say what happened and what to do: ${line}`);
  } else if (exitCode === 0 && line.replace(strangers, "").trim() !== "") {
    problems.push(`${verb}: said ${line}`);
  }
  return problems;
}

/** True of a trial, whose instances run releases that no deploy recorded. */
const strangers = /^Warning: \d+ of \d+ running instances run a release that was never recorded here.*$/m;

/** The record is unchanged, or has what was recorded meanwhile; nothing in between. */
function judgeHistory(
  { history, createRelease }: Facts,
  { before, during, consequence }: Expected,
): string[] {
  const written = consequence.forgets === true ? during : `${during},${before}`;
  const allowed = createRelease.exitCode === 0 ? [written] : [before, written];
  const found = history.join();
  return allowed.includes(found)
    ? []
    : [`the record holds ${found || "nothing"}, not ${allowed.join(" or ")}`];
}

function ms(milliseconds: number): string {
  return `${milliseconds.toFixed()} ms`;
}
