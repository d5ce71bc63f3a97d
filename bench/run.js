/*
 * npm run bench -- [name…] [--pairs N] [--seconds N] [--list] [--dry]
 *
 * Measures the built package, prints the figures, writes results.json and RESULTS.md (`--dry`: writes
 * nothing).
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeMachine } from "./harness/machine.js";
import { measurements } from "./measurements/index.js";
import { saveResults, toText } from "./report.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: "string", default: "7" },
    seconds: { type: "string", default: "4" },
    warm: { type: "string", default: "2000" },
    only: { type: "string", multiple: true },
    list: { type: "boolean", default: false },
    dry: { type: "boolean", default: false },
  },
});
const names = measurements.map(({ name }) => name);

if (values.list) {
  for (const { name, about } of measurements) console.log(`${name}  ${about}`);
} else {
  await main();
}

async function main() {
  const unknown = positionals.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`There is no ${unknown}: expected some of ${names.join(", ")}`);
  const options = {
    pairs: toCount("pairs"),
    seconds: toCount("seconds"),
    warm: toCount("warm"),
    only: values.only,
    say: (text) => console.error(`  ${text}`),
  };
  const machine = describeMachine();
  const results = {};
  for (const { name, about, measure } of measurements) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    console.log(`\n${name}: ${about}`);
    const folder = await mkdtemp(join(tmpdir(), "intermission-bench-"));
    try {
      const date = new Date().toISOString().slice(0, 16).replace("T", " ");
      const result = await measure({ ...options, folder });
      results[name] = {
        about,
        ...result,
        date: `${date} UTC`,
        node: process.version,
        machine,
        command: commandLine(),
      };
      console.log(toText(result));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    if (!values.dry) await saveResults(results, names);
  }
}

function toCount(option) {
  const count = Number(values[option]);
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`--${option}: expected a whole number from 1 on`);
  return count;
}

function commandLine() {
  return ["node bench/run.js", ...process.argv.slice(2)].join(" ");
}
