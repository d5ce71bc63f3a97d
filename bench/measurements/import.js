import { measureProcesses } from "../harness/whole-process.js";

export const name = "import";
export const about =
  "Starting a process that imports intermission/express, over one that imports an empty module";

const target = 15;
const minimumPairs = 15;

export async function measure({ pairs, say }) {
  const result = measureProcesses(
    {
      commands: {
        with: () => ["bench/modules/express-adapter.js"],
        without: () => ["bench/modules/empty.js"],
      },
    },
    { pairs: Math.max(pairs, minimumPairs), say },
  );
  return {
    columns: ["import", "ms with", "ms without", "ms added", "range", "pairs", "target", "reached"],
    rows: [
      [
        "intermission/express",
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
    notes: ["Whole processes, from start to end; medians. Added: the median of the pairs' differences."],
  };
}
