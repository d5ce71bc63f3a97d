import { readdir, readFile, writeFile } from "node:fs/promises";
import { arch, cpus, release, type } from "node:os";
import { join, resolve } from "node:path";
import { format, resolveConfig } from "prettier";
import { faultNames, faults, type Knowledge } from "./faults.ts";
import type { Cell, CommandOutcome, Outcome, StoreOutcomes } from "./outcome.ts";
import type { Waits } from "./visitors.ts";

const path = resolve(import.meta.dirname, "../../docs/reliability.md");

/** Writes docs/reliability.md, if every fault was tried on so many stores. */
export async function writeReport(folder: string, stores: number): Promise<void> {
  const names = (await readdir(folder)).sort();
  const all = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as StoreOutcomes),
  );
  if (all.length < stores || !all.every(isWhole)) return;
  const text = toReport(all, new Date());
  await writeFile(path, await format(text, { ...(await resolveConfig(path)), parser: "markdown" }));
}

function isWhole({ outcomes, doesNotApply }: StoreOutcomes): boolean {
  return faultNames.every(
    (name) =>
      name in doesNotApply ||
      outcomes.some(({ fault, problems }) => fault === name && Array.isArray(problems)),
  );
}

function toReport(all: readonly StoreOutcomes[], now: Date): string {
  const cells = all.flatMap(({ outcomes }) => outcomes.flatMap((outcome) => Object.values(outcome.cells)));
  const broken = all.flatMap(({ outcomes }) => outcomes.filter(({ problems }) => problems.length > 0)).length;
  const slowest = Math.max(...cells.map(({ first }) => first.error - first.success));
  const latest = Math.max(...cells.map(({ knownAfter }) => knownAfter));
  return `# What happens when the store fails

Stores often fail during deploys. So a test makes each store fail, in every way it can, under a real app with constant traffic. This page is written by \`npm test -- --project faults\`.

Last run: ${now.toISOString().slice(0, 10)}, Node ${process.versions.node}, ${type()} ${release()} ${arch()}, ${String(cpus().length)} processors. ${all.map(({ store, version }) => `${store} ${version}`).join(", ")}.

${String(cells.length)} cells. ${broken === 0 ? "All are as they should be" : `**${String(broken)} faults had a cell that is not as it should be**`}. The slowest first error took ${figure(slowest)} more than the slowest success beside it. The end of a fault was noticed after ${seconds(latest)} at the latest.

## What was done

Three instances of an Express app run at once. Each gets constant requests for a view that fails and for one that works.

- **Knew a mismatch**: it runs v1.0 and has read that v1.1 is current.
- **Knew a match**: it runs v1.1 and has read the same.
- **Knew nothing**: it runs v0.9 and starts after the store has failed.

Then the store fails. These must hold:

- An instance keeps going by what it knew. One that knew a mismatch shows the page; one that knew a match shows the regular error. One that knew nothing shows the regular error, unless it can still read the store despite the fault: then it must show the page within a second. A missing record changes nothing.
- The first errors wait at most 250 ms. After ${seconds(2500)} of the fault, errors no longer wait: their median and 95th percentile match those of the successes beside them.
- Successes are never delayed. They are compared with those of an instance whose store can't fail.
- No instance exits, leaves a rejection unhandled, or leaks sockets or memory.
- Each instance warns once about what happened.
- \`create-release\` and \`status\` give up within 5 s, with one line that says what happened and what to do. Nothing is half written.
- After the fault another release is recorded, and every instance acts on it within 2 s of the fault's end.

In addition, \`npm test -- --project concurrency\` checks that all processes see one history while they and the server are killed, and \`npm test -- --project soak\` that no answer is wrong over a long run of deploys, rollbacks and faults: [their last long runs](long-runs.md), with an hour of the gateway between upstreams and clients that do anything (seed 1130, 63,000 moves). Poolers, TLS, replicas and clusters: [where the store runs](infrastructure.md).

A small proxy between the instances and the real server produces "answers nonsense", "answers after 5 s" and similar faults. All others happen to the real server.

How to read the tables: *page* and *error* are what a visitor saw. *First errors* is the slowest error of the first ${seconds(2500)}, with the slowest success in the same time. *Later* is the median and the 95th percentile after that, again with those of successes. *Known after* is the time from the end of the fault until the last of the three instances acted on what was recorded then. Successes take as long as they do on a busy machine of ${String(cpus().length)} processors; the difference is what counts.

${all.map(toSection).join("\n\n")}
`;
}

function toSection({ store, version, outcomes, doesNotApply }: StoreOutcomes): string {
  const ordered = faultNames.flatMap((name) => outcomes.filter(({ fault }) => fault === name));
  const left = faultNames.filter((name) => name in doesNotApply);
  return `## ${store} ${version}

| The store | Knew a mismatch | Knew a match | Knew nothing | First errors (successes) | Later (successes) | Known after |
| --- | --- | --- | --- | --- | --- | --- |
${ordered.map(toRow).join("\n")}

The deploy meanwhile:

| The store | What was done | \`create-release\` | \`status\` |
| --- | --- | --- | --- |
${ordered.map(toCommandRow).join("\n")}

${left.map((name) => `Does not apply: *${faults[name].title}*. ${doesNotApply[name] ?? ""}`).join("\n\n")}`.trimEnd();
}

function toRow({ fault, cells, problems }: Outcome): string {
  const of = (pick: (cell: Cell) => number): number => Math.max(...Object.values(cells).map(pick));
  const later = (pick: (waits: Waits) => number): string =>
    `${figure(of(({ steady }) => pick(steady.error)))} (${figure(of(({ steady }) => pick(steady.success)))})`;
  const columns = [
    problems.length === 0
      ? faults[fault].title
      : `${faults[fault].title}. **Fails**: ${escape(problems.join("; "))}`,
    ...(["mismatch", "match", "never"] as const).map((knowledge) => toCell(cells, knowledge)),
    `${figure(of(({ first }) => first.error))} (${figure(of(({ first }) => first.success))})`,
    `${later(({ median }) => median)}, ${later(({ p95 }) => p95)}`,
    seconds(of(({ knownAfter }) => knownAfter)),
  ];
  return `| ${columns.join(" | ")} |`;
}

function toCell(cells: Outcome["cells"], knowledge: Knowledge): string {
  const { shown, warnings } = cells[knowledge];
  const seen = shown.map((kind) => (kind === "raw" ? "error" : kind)).join(" and ");
  const said = warnings.map((code) => `\`${code}\``).join(", ");
  return said === "" ? seen : `${seen}, ${said}`;
}

function toCommandRow({ fault, how, createRelease, status }: Outcome): string {
  return `| ${faults[fault].title} | ${escape(how)} | ${toCommand(createRelease)} | ${toCommand(status)} |`;
}

function toCommand({ exitCode, took, line }: CommandOutcome): string {
  const said = line.replace(/^intermission: /, "").replaceAll(/\/\S*\/(?=[\w-]+\.db)/g, "…/");
  return `exit ${String(exitCode)} after ${seconds(took)}${said === "" ? "" : `: ${escape(said)}`}`;
}

function escape(text: string): string {
  return text.replaceAll("\n", " ").replaceAll(/[\\|*_`<>[\]]/g, "\\$&");
}

function figure(milliseconds: number): string {
  return `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
