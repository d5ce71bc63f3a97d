import { setImmediate as turn } from "node:timers/promises";
import type { Answer } from "../support/http.ts";
import type { Site } from "./site.ts";

export interface Visited {
  readonly path: string;
  readonly answer: Answer;
}

/** What visitors of some paths get while something happens, and afterwards. */
export interface Traffic {
  readonly all: readonly Visited[];
  /** Those who came afterwards. */
  readonly after: readonly Visited[];
}

/** For each path: on a busy machine one path may be visited far more often than another. */
const enoughAfter = 25;

/** Sends visitors to each path, one after another, while something happens, and for some more visits. */
export async function underTraffic(
  site: Site,
  paths: readonly string[],
  happen: () => Promise<unknown>,
): Promise<Traffic> {
  const all: Visited[] = [];
  const after: Visited[] = [];
  let happened = false;
  const visitors = paths.map(async (path) => {
    for (let visitsAfter = 0; visitsAfter < enoughAfter;) {
      const late = happened;
      const visited = { path, answer: await site.visit(path) };
      all.push(visited);
      if (late) {
        after.push(visited);
        visitsAfter++;
      }
      await turn();
    }
  });
  await happen();
  happened = true;
  await Promise.all(visitors);
  return { all, after };
}
