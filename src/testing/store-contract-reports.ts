import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { ReportStore, Store } from "../core/ports.ts";
import { withPlace } from "./store-contract-place.ts";
import type { StoreContractCase, StoreContractSubject } from "./store-contract-subject.ts";

const minute = 60_000;

/** How soon an expired report must disappear from the list. Milliseconds. */
const goneWithin = 5000;

/** What the optional second capability promises. */
export function casesOfReports(subject: StoreContractSubject): readonly StoreContractCase[] {
  if (!(subject.reports ?? false)) {
    return [
      {
        name: "a store that keeps no reports has no property reports",
        run: () =>
          withPlace(subject, async (_, open) => {
            assert.equal(open().reports, undefined);
          }),
      },
    ];
  }
  const withReports = (
    work: (reports: ReportStore, open: () => ReportStore) => Promise<void>,
  ): Promise<void> =>
    withPlace(subject, async (_, open) => {
      const store = open();
      await store.write("app", "record", 0);
      await work(reportsOf(store), () => reportsOf(open()));
    });

  return [
    {
      name: "listing the reports of an empty place lists none and creates nothing",
      run: () =>
        withPlace(subject, async (place, open) => {
          const reports = reportsOf(open());
          for (const within of [undefined, minute]) {
            const { now, reports: listed } = await reports.list("app", within);
            assert.deepEqual(listed, []);
            assert.ok(Math.abs(now - Date.now()) < 86_400_000, `${String(now)} is more than a day off`);
          }
          if (place.isUntouched !== undefined)
            assert.equal(await place.isUntouched(), true, "listing made something");
        }),
    },
    {
      name: "a report is listed as it was put, with its time",
      run: () =>
        withReports(async (reports) => {
          const awkward = `{"a":"it's \\\\ \\u0000 é 🚧","b":"${"x'\\é".repeat(3000)}"}`.slice(0, 8000);
          await reports.put("app", "one", awkward, minute);
          const { now, reports: listed } = await reports.list("app");
          assert.equal(listed.length, 1);
          const [report] = listed;
          assert.equal(report?.id, "one");
          assert.equal(report.value, awkward);
          assert.ok(
            report.at <= now && report.at > now - minute,
            `put at ${String(report.at)}, now ${String(now)}`,
          );
        }),
    },
    {
      name: "a report of 16 KiB is listed as it was put",
      run: () =>
        withReports(async (reports) => {
          await reports.put("app", "one", "x".repeat(16_384), minute);
          assert.equal((await reports.list("app")).reports[0]?.value, "x".repeat(16_384));
        }),
    },
    {
      name: "a report takes the place of the one before with its id",
      run: () =>
        withReports(async (reports) => {
          for (const value of ["first", "second", "third"]) await reports.put("app", "one", value, minute);
          assert.deepEqual(await valuesOf(reports, "app"), ["third"]);
        }),
    },
    {
      name: "reports are listed newest first, by when they were put last",
      run: () =>
        withReports(async (reports) => {
          for (const id of ["one", "two", "three", "one"]) {
            await reports.put("app", id, `of ${id}`, minute);
            await nextMillisecond(reports);
          }
          assert.deepEqual(await valuesOf(reports, "app"), ["of one", "of three", "of two"]);
        }),
    },
    {
      name: "reports are listed back to a time, if one is named",
      run: () =>
        withReports(async (reports) => {
          await reports.put("app", "old", "old", minute);
          await pause(300);
          await reports.put("app", "new", "new", minute);
          assert.deepEqual(await valuesOf(reports, "app", minute), ["new", "old"]);
          const deadline = Date.now() + goneWithin;
          // The time in between is the store's, and a busy machine may be slow from one call to the next.
          for (let within = 250; ; within += 10) {
            const values = await valuesOf(reports, "app", within);
            assert.ok(Date.now() < deadline, `listed: ${values.join(", ")}`);
            if (values.length === 1) {
              assert.deepEqual(values, ["new"]);
              break;
            }
            await reports.put("app", "new", "new", minute);
          }
        }),
    },
    {
      name: "a report is not listed past its time, and may be put again",
      run: () =>
        withReports(async (reports) => {
          await reports.put("app", "brief", "brief", 200);
          await reports.put("app", "long", "long", minute);
          const deadline = Date.now() + goneWithin;
          while ((await reports.list("app")).reports.length > 1) {
            assert.ok(Date.now() < deadline, "it is still listed");
            await pause(20);
          }
          assert.deepEqual(await valuesOf(reports, "app"), ["long"]);
          await reports.put("app", "brief", "again", minute);
          assert.deepEqual((await valuesOf(reports, "app")).toSorted(), ["again", "long"]);
        }),
    },
    {
      name: "reports of apps are kept apart, and from their records",
      run: () =>
        withPlace(subject, async (_, open) => {
          const store = open();
          const reports = reportsOf(store);
          const apps = ["shop", "Shop", "shöp", "{shop}", "'shop'", "🛒".repeat(127)];
          for (const app of apps) assert.equal(await store.write(app, `record of ${app}`, 0), true);
          for (const app of apps) await reports.put(app, "one", `of ${app}`, minute);
          for (const app of apps) assert.deepEqual(await valuesOf(reports, app), [`of ${app}`]);
          for (const app of apps) assert.equal((await store.read(app)).value, `record of ${app}`);
        }),
    },
    {
      name: "many reports at once are all kept, whoever puts them",
      run: () =>
        withReports(async (reports, open) => {
          const handles = subject.otherProcess === undefined ? [reports] : [reports, open()];
          const ids = Array.from({ length: 20 }, (_, index) => `instance ${String(index)}`);
          const handleOf = (index: number): ReportStore => handles[index % handles.length] ?? reports;
          await Promise.all(ids.map((id, index) => handleOf(index).put("app", id, id, minute)));
          assert.deepEqual((await valuesOf(reports, "app")).toSorted(), ids.toSorted());
        }),
    },
    {
      name: "a closed store refuses reports",
      run: () =>
        withPlace(subject, async (_, open) => {
          const store = open();
          const reports = reportsOf(store);
          await store.write("app", "record", 0);
          await reports.put("app", "one", "value", minute);
          await store.close();
          await assert.rejects(reports.put("app", "one", "value", minute), Error);
          await assert.rejects(reports.list("app"), Error);
        }),
    },
  ];
}

function reportsOf({ reports }: Store): ReportStore {
  assert.ok(reports, "the store has no property reports");
  return reports;
}

async function valuesOf(reports: ReportStore, app: string, within?: number): Promise<readonly string[]> {
  return (await reports.list(app, within)).reports.map(({ value }) => value);
}

/** By the store's clock, so that the next put is newer. */
async function nextMillisecond(reports: ReportStore): Promise<void> {
  const { now } = await reports.list("app");
  while ((await reports.list("app")).now < now + 2) await pause(1);
}
