import { afterEach } from "vitest";
import type { Intermission } from "../../src/core/intermission.ts";
import type { Store } from "../../src/core/ports.ts";
import { emptyState, encodeState } from "../../src/core/state/state.ts";
import { createIntermission } from "../../src/engine/create.ts";
import { silentLogger } from "../support/deploy-window.ts";

const open: Intermission[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((intermission) => intermission.close()));
});

/** An instance on v1.0 whose store answers after a moment and is first asked by an error. */
export function instance(current: string): Intermission {
  const value = encodeState({ ...emptyState, releases: [{ id: current, at: 0 }] });
  const store: Store = {
    read: async () => {
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      return { version: 1, value };
    },
    write: () => Promise.resolve(false),
    close: () => Promise.resolve(),
  };
  const options = { store, release: "v1.0", logger: silentLogger, freshFor: 600_000, readTimeout: 30_000 };
  const intermission = createIntermission(options, { environment: {}, watching: false });
  open.push(intermission);
  return intermission;
}
