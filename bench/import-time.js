/*
 * What importing intermission/express costs over importing an empty module, each time in a new process,
 * alternating: node bench/import-time.js [DIST] [--pairs N]. With another checkout's dist, that one takes
 * part in the same run.
 */
import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { median } from "./harness/statistics.js";

const { values, positionals } = parseArgs({
  options: { pairs: { type: "string", default: "15" } },
  allowPositionals: true,
});
const [other] = positionals;

const adapterOf = (dist) => pathToFileURL(join(resolve(dist), "frameworks/express/index.js")).href;
const subjects = {
  empty: pathToFileURL(join(import.meta.dirname, "modules/empty.js")).href,
  "this build": adapterOf(join(import.meta.dirname, "../dist")),
  ...(other === undefined ? {} : { [other]: adapterOf(other) }),
};

const program = `
await import(process.argv[1]);
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ cpu: (user + system) / 1000, wall: performance.now() }));
`;

function start(url) {
  const printed = execFileSync(process.execPath, ["--input-type=module", "-e", program, url], {
    encoding: "utf8",
  });
  return JSON.parse(printed);
}

const runs = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
// The first run of each finds cold caches.
for (const url of Object.values(subjects)) start(url);
for (let turn = 0; turn < Number(values.pairs); turn++)
  for (const [name, url] of Object.entries(subjects)) runs[name].push(start(url));

const empty = runs.empty;
console.log(
  "| import | CPU ms, least | CPU ms, median | CPU ms over empty, least | median | wall ms over empty, median |",
);
console.log("| --- | --- | --- | --- | --- | --- |");
for (const [name, all] of Object.entries(runs)) {
  const cpu = all.map((run) => run.cpu);
  const over = (of) => all.map((run, turn) => run[of] - empty[turn][of]);
  const least = Math.min(...cpu) - Math.min(...empty.map((run) => run.cpu));
  const figures = [Math.min(...cpu), median(cpu), least, median(over("cpu")), median(over("wall"))];
  console.log(`| ${[name, ...figures.map((figure) => figure.toFixed(1))].join(" | ")} |`);
}
