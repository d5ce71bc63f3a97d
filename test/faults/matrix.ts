import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { faultNames, faults, type FaultName } from "./faults.ts";
import type { Outcome, StoreOutcomes } from "./outcome.ts";
import type { Subject } from "./subject.ts";
import { tryFault } from "./trial.ts";

/** Puts a store through every fault, one test each, and leaves the outcomes for the report. */
export function tryFaults<Server extends { stop(): Promise<void> }>(subject: Subject<Server>): void {
  describeWithServer(`a ${subject.name} store that`, subject, () => {
    let server: Server;
    const outcomes = new Map<FaultName, Outcome>();
    const doesNotApply: Partial<Record<FaultName, string>> = {};

    beforeAll(async () => {
      server = await subject.start();
    });

    afterAll(async () => {
      try {
        const version = await subject.versionOf(server);
        const all: StoreOutcomes = {
          store: subject.name,
          version,
          outcomes: [...outcomes.values()],
          doesNotApply,
        };
        const folder = inject("outcomes");
        await mkdir(folder, { recursive: true });
        await writeFile(join(folder, `${subject.name}.json`), JSON.stringify(all));
      } finally {
        await server.stop();
      }
    });

    for (const [index, name] of faultNames.entries()) {
      const step = subject.few === true ? 8 : 4;
      if (process.env["FAULTS"] === "some" && index % step !== subject.first) continue;
      const strike = subject.strikes[name];
      if (typeof strike === "string") {
        doesNotApply[name] = strike;
        continue;
      }
      if (strike.needsRoot === true && process.getuid?.() !== 0 && process.env["CI"] !== "true") {
        test.skip(`${faults[name].title} (mounts a file system: run it as root)`);
        continue;
      }
      let attempt = 0;
      test(faults[name].title, async () => {
        const outcome = await tryFault({ name, strike, subject, server, attempt: attempt++ });
        outcomes.set(name, outcome);
        expect(outcome.problems).toEqual([]);
      });
    }
  });
}
