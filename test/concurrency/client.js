/*
 * One of the processes that share a store: makes releases current, rolls back and reads, in random order,
 * until it is told to stop or is killed. It records every store call in a file at once, so that nothing is
 * lost when it dies.
 */
import { openSync, writeSync } from "node:fs";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { createIntermission, isIntermissionError } from "intermission";
import { createRandom } from "../support/random.js";
import { recordStore } from "./recording-store.js";

const { name, origin, log, seed, kind, argument } = JSON.parse(process.argv[2]);

const file = openSync(log, "a");
const note = (line) => writeSync(file, `${JSON.stringify(line)}\n`);
const now = () => Number(process.hrtime.bigint() - BigInt(origin));
const random = createRandom(seed);
const pick = (list) => list[Math.floor(random() * list.length)];

const exports = await import(`intermission/stores/${kind}`);
const inner = exports[`${kind}Store`](argument);
const recording = recordStore(inner, name, now, note);
const silent = { warn() {}, error() {} };
const intermission = createIntermission(
  { store: recording.store, release: "client", logger: silent },
  { environment: {}, watching: false },
);

let stopped = false;
process.once("message", () => {
  stopped = true;
});
process.once("disconnect", () => process.exit());
process.on("unhandledRejection", (error) => {
  note({ kind: "defect", text: `unhandled rejection: ${String(error)}` });
});

let known = [];
let made = 0;

async function step() {
  const dice = random();
  if (known.length === 0 || dice < 0.3) {
    known = (await intermission.releases()).map(({ id }) => id);
    if (dice < 0.3) return;
  }
  if (dice < 0.7) {
    // Now and then a known one, like an old machine that boots late.
    const id = dice < 0.35 && known.length > 0 ? pick(known) : `${name}-${++made}`;
    recording.begin({ verb: "create", id });
    const { outcome, previousRelease } = await intermission.createRelease(id, { wait: false });
    recording.finish(outcome, previousRelease);
  } else {
    const id = dice < 0.85 || known.length === 0 ? undefined : pick(known);
    recording.begin({ verb: "rollback", id });
    const { outcome, previousRelease } = await intermission.rollback(id, { wait: false });
    recording.finish(outcome, previousRelease);
  }
}

const expected = new Set([
  "store-failed",
  "store-busy",
  "write-unknown",
  "no-earlier-release",
  "unknown-release",
]);

do {
  try {
    await step();
    await pause(random() * 8);
  } catch (error) {
    if (!isIntermissionError(error) || !expected.has(error.code)) {
      note({ kind: "defect", text: error instanceof Error ? error.stack : String(error) });
    }
    await pause(10 + random() * 40);
  }
} while (!stopped);

await intermission.close();
await inner.close();
process.disconnect();
