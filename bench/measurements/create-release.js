import { join } from "node:path";
import { measureProcesses } from "../harness/whole-process.js";

export const name = "create-release";
export const about = "intermission create-release --no-wait on SQLite, over a process that does nothing";

const target = 150;
const minimumPairs = 15;

export async function measure({ pairs, folder, say }) {
  const store = `sqlite:${join(folder, "create-release.db")}`;
  const result = measureProcesses(
    {
      commands: {
        with: (round) => ["dist/cli/main.js", "create-release", `v${round}`, "--no-wait", "--store", store],
        without: () => ["-e", "0"],
      },
    },
    { pairs: Math.max(pairs, minimumPairs), say },
  );
  return {
    columns: ["command", "ms with", "ms of node -e 0", "ms added", "range", "pairs", "target", "reached"],
    rows: [
      [
        "create-release --no-wait",
        result.with.toFixed(1),
        result.without.toFixed(1),
        result.added.toFixed(1),
        result.addedRange,
        String(result.pairs.length),
        `< ${target}`,
        result.added < target ? "yes" : "no",
      ],
    ],
    figures: result.pairs,
    notes: [
      "Whole processes, from start to end; medians. Added: the median of the pairs' differences. Each run records a release that is new.",
    ],
  };
}
