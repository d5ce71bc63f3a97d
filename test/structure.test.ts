import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const limits = {
  rooms: 18,
  floors: 7,
  arrows: 45,
  "files behind intermission/express": 37,
  "from create-release to SQL": 12,
  "from an Express error to the page's bytes": 12,
};

test("src has few rooms, and short ways between them (docs/development/structure.md)", () => {
  const script = join(import.meta.dirname, "../bench/structure.js");
  const lines = execFileSync(process.execPath, [script], { encoding: "utf8" }).trim().split("\n");
  const figures = new Map(
    lines.map((line) => {
      const [, name = "", figure = ""] = /^(.+?)\s+(\d+)$/.exec(line) ?? [];
      return [name, Number(figure)];
    }),
  );
  for (const [name, limit] of Object.entries(limits)) {
    expect.soft(figures.get(name), name).toBeGreaterThan(0);
    expect.soft(figures.get(name), name).toBeLessThanOrEqual(limit);
  }
});
