import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { median, range } from "./statistics.js";

const root = resolve(import.meta.dirname, "../..");

/**
 * Milliseconds from the start of a process to its end, compared with another command. New processes, one at a
 * time, alternating which is first.
 *
 * @param commands `with` and `without`: each makes the arguments of `node` for a round.
 */
export function measureProcesses({ commands, environment = {} }, { pairs, say }) {
  const measured = [];
  for (const side of ["with", "without"]) runOnce(commands[side]("warm-up"), environment);
  for (let round = 0; round < pairs; round++) {
    const order = round % 2 === 0 ? ["with", "without"] : ["without", "with"];
    const pair = {};
    for (const side of order) pair[side] = runOnce(commands[side](round), environment);
    measured.push(pair);
  }
  const added = measured.map((pair) => pair.with - pair.without);
  say(
    `with ${median(measured.map((pair) => pair.with)).toFixed(1)} ms, added ${median(added).toFixed(1)} ms`,
  );
  return {
    with: median(measured.map((pair) => pair.with)),
    without: median(measured.map((pair) => pair.without)),
    added: median(added),
    addedRange: range(added, 1),
    pairs: measured,
  };
}

function runOnce(parameters, environment) {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, parameters, {
    cwd: root,
    // If set, NODE_EXTRA_CA_CERTS costs every process tens of milliseconds.
    env: { PATH: process.env.PATH, ...environment },
    encoding: "utf8",
    timeout: 30_000,
  });
  const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
  if (status !== 0) throw new Error(`node ${parameters.join(" ")} ended with ${String(status)}: ${stderr}`);
  return milliseconds;
}
