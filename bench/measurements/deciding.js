import { createIntermission, memoryStore } from "intermission";
// Not public: the bare rule, without the snapshot around it.
import { decide } from "../../dist/core/decide.js";
import { median, range } from "../harness/statistics.js";

export const name = "deciding";
export const about = "The verdict on a server error, when the state is known";

const rounds = 7;
const target = 200;
const facts = { status: 500, path: "/broken", contentType: "text/html", retryAfter: false, skipped: false };

export async function measure({ say, calls = 1e7 }) {
  const rows = [];
  const figures = [];
  const add = (title, expected, call) => {
    const got = call();
    if (got !== expected) throw new Error(`${title}: expected ${expected}, got ${got}`);
    const times = time(call, calls);
    say(`${title}: ${median(times).toFixed(0)} ns`);
    const reached = median(times) < target ? "yes" : "no";
    figures.push({ title, nanoseconds: times });
    rows.push([title, median(times).toFixed(0), range(times, 0), `< ${target}`, reached]);
  };

  const settings = { manual: false, exempt: [] };
  const state = { releases: [{ id: "v1.1", at: 0 }], mode: "auto" };
  add("decide, releases match", "release-match", () => decide(settings, "v1.1", state, facts, 1).reason);
  add("decide, releases differ", "release-mismatch", () => decide(settings, "v1.0", state, facts, 1).reason);

  const failed = { ...facts, method: "GET", request: undefined, pageRequest: { method: "GET" } };
  for (const [release, expected] of [
    ["v1.1", undefined],
    ["v1.0", 503],
  ]) {
    // Fresh for the whole run: reads are measured elsewhere.
    const intermission = createIntermission({
      store: memoryStore(),
      release,
      freshFor: 3_600_000,
      refreshEvery: 0,
    });
    await intermission.createRelease("v1.1", { wait: false });
    await intermission.ready();
    await intermission.decide();
    const verb = release === "v1.1" ? "match" : "differ";
    add(`replacementFor, releases ${verb}`, expected, () => intermission.replacementFor(failed)?.page.status);
    await intermission.close();
  }
  return {
    columns: ["call", "ns, median", "range", "target", "reached"],
    rows,
    figures,
    notes: [`${rounds} rounds of ${calls.toExponential(0)} calls each, in one process.`],
  };
}

function time(call, calls) {
  // The compiler may drop unused results.
  let seen = 0;
  const round = () => {
    const start = process.hrtime.bigint();
    for (let index = 0; index < calls; index++) if (call() !== undefined) seen++;
    return Number(process.hrtime.bigint() - start) / calls;
  };
  round();
  const times = Array.from({ length: rounds }, round);
  if (seen !== 0 && seen !== (rounds + 1) * calls) throw new Error("the verdict changed on the way");
  return times;
}
