import assert from "node:assert/strict";
import type { StoreContractCase, StoreContractSubject, StorePlace } from "./store-contract-subject.ts";
import { runInProcesses } from "./store-contract-fork.ts";
import type { Job, StoreOpening } from "./store-contract-job.ts";
import { withPlace } from "./store-contract-place.ts";

const processes = 4;
const writers = 50;
const times = 4;

/** What several handles and processes can see. */
export function casesOfManyProcesses(subject: StoreContractSubject): readonly StoreContractCase[] {
  const { otherProcess } = subject;
  if (otherProcess === undefined) return [];

  const run = (place: StorePlace, jobs: readonly Job[]): Promise<readonly boolean[]> => {
    const { exportName, module } = otherProcess;
    const opening: StoreOpening = { module: String(module), exportName, argument: place.argument };
    return runInProcesses(opening, jobs);
  };
  const inAll = (job: (index: number) => Job): readonly Job[] =>
    Array.from({ length: processes }, (_, index) => job(index));

  return [
    {
      name: "what one handle writes, another reads",
      run: () =>
        withPlace(subject, async (_, open) => {
          const [one, other] = [open(), open()];
          assert.equal((await other.read("app")).version, 0);
          assert.equal(await one.write("app", "one", 0), true);
          assert.equal((await other.read("app", 0)).value, "one");
          assert.equal(await other.write("app", "two", 0), false);
          assert.equal(await other.write("app", "two", 1), true);
          assert.equal((await one.read("app", 1)).value, "two");
        }),
    },
    {
      name: "several processes that write first at the same moment make one record",
      run: () =>
        withPlace(subject, async (place, open) => {
          const won = await run(
            place,
            inAll((index) => ({ kind: "write-first", app: "app", value: `process ${String(index)}` })),
          );
          assert.equal(won.filter(Boolean).length, 1);
          const record = await open().read("app");
          assert.equal(record.version, 1);
          assert.equal(record.value, `process ${String(won.indexOf(true))}`);
        }),
    },
    {
      name: "several processes may migrate at the same moment",
      run: () =>
        withPlace(subject, async (place, open) => {
          await run(
            place,
            inAll(() => ({ kind: "migrate" })),
          );
          assert.equal(await open().write("app", "value", 0), true);
        }),
    },
    {
      name: `${String(writers)} writers in ${String(processes)} processes lose nothing and tear nothing`,
      run: () =>
        withPlace(subject, async (place, open) => {
          const names = Array.from({ length: writers }, (_, index) => `writer ${String(index)}`);
          await run(
            place,
            inAll((index) => ({
              kind: "append",
              app: "app",
              times,
              writers: names.filter((_, position) => position % processes === index),
            })),
          );
          const { version, value } = await open().read("app");
          const entries = JSON.parse(value ?? "[]") as readonly string[];
          assert.equal(version, writers * times);
          assert.equal(entries.length, writers * times);
          for (const name of names) {
            const own = entries.filter((entry) => entry.startsWith(`${name}#`));
            assert.deepEqual(
              own,
              Array.from({ length: times }, (_, turn) => `${name}#${String(turn)}`),
            );
          }
        }),
    },
    {
      name: "a process whose store was closed ends by itself",
      run: () =>
        withPlace(subject, async (place) => {
          await run(place, [{ kind: "end", app: "app", close: true }]);
        }),
    },
    {
      name: "a process whose store is open and watched ends by itself",
      run: () =>
        withPlace(subject, async (place) => {
          await run(place, [{ kind: "end", app: "app", close: false }]);
        }),
    },
  ];
}
