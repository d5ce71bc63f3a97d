import assert from "node:assert/strict";
import type { StoreContractCase, StoreContractSubject } from "./store-contract-subject.ts";
import { withPlace } from "./store-contract-place.ts";

const awkwardTexts: readonly string[] = [
  "",
  " leading and trailing ",
  "single ' double \" back ` and \\ backslash \\' \\\\ \\n",
  "'; drop table intermission; --",
  "$1 $$ ? :name %s %% ${x} {{y}}",
  "line\nfeed, carriage\r\nreturn, tab\t, bell\u0007, escape\u001b, delete\u007f, next line\u0085",
  "Grüße, Ελληνικά, русский, العربية, 日本語, हिन्दी",
  "emoji 🚧👩‍🚒🏳️‍🌈, composed é, decomposed e\u0301, zero width\u200b, byte order \ufeff",
  JSON.stringify({ releases: [{ id: 'v"1"', at: 1 }], text: "\u0000\u2028" }),
];

// A collation that ignores case, accents or width sees each pair as one name.
const distinctApps: readonly string[] = [
  "shop",
  "Shop",
  "SHOP",
  "shöp",
  "sho\u0308p",
  "ｓｈｏｐ",
  "shop%",
  "sh_p",
  "'shop'",
  "🛒".repeat(127),
];

/** What one handle in one process can see. */
export function casesOfOneHandle(subject: StoreContractSubject): readonly StoreContractCase[] {
  const cases: StoreContractCase[] = [
    {
      name: "reading an empty place answers version 0 and creates nothing",
      run: () =>
        withPlace(subject, async (place, open) => {
          const store = open();
          for (const knownVersion of [undefined, 0, 7]) {
            const record = await store.read("app", knownVersion);
            assert.equal(record.version, 0);
            assert.equal(record.value, undefined);
          }
          if (place.isUntouched !== undefined)
            assert.equal(await place.isUntouched(), true, "reading made something");
        }),
    },
    {
      name: "a write at version 0 makes version 1",
      run: () =>
        withPlace(subject, async (_, open) => {
          const store = open();
          assert.equal(await store.write("app", "first", 0, "v1"), true);
          const record = await store.read("app");
          assert.equal(record.version, 1);
          assert.equal(record.value, "first");
          assert.equal(record.unchanged, undefined);
        }),
    },
    {
      name: "each write that wins makes the next version",
      run: () =>
        withPlace(subject, async (_, open) => {
          const store = open();
          for (let version = 0; version < 5; version++) {
            assert.equal(await store.write("app", `value ${String(version)}`, version), true);
            const record = await store.read("app");
            assert.equal(record.version, version + 1);
            assert.equal(record.value, `value ${String(version)}`);
          }
        }),
    },
    {
      name: "a write on an outdated version is refused and changes nothing",
      run: () =>
        withPlace(subject, async (_, open) => {
          const store = open();
          await store.write("app", "one", 0);
          await store.write("app", "two", 1);
          for (const outdated of [0, 1, 3, 100])
            assert.equal(await store.write("app", "lost", outdated), false);
          const record = await store.read("app");
          assert.equal(record.version, 2);
          assert.equal(record.value, "two");
        }),
    },
    {
      name: "a write on a version that never was is refused and makes nothing",
      run: () =>
        withPlace(subject, async (_, open) => {
          const store = open();
          assert.equal(await store.write("app", "lost", 1), false);
          assert.equal((await store.read("app")).version, 0);
        }),
    },
    {
      name: "the same text written again is a new version",
      run: () =>
        withPlace(subject, async (_, open) => {
          const store = open();
          assert.equal(await store.write("app", "same", 0), true);
          assert.equal(await store.write("app", "same", 1), true);
          assert.equal((await store.read("app", 1)).value, "same");
          assert.equal((await store.read("app")).version, 2);
        }),
    },
    {
      name: "a read with the known version answers without the value",
      run: () =>
        withPlace(subject, async (_, open) => {
          const store = open();
          await store.write("app", "value", 0);
          const unchanged = await store.read("app", 1);
          assert.equal(unchanged.version, 1);
          assert.equal(unchanged.unchanged, true);
          assert.equal("value" in unchanged, false);
          for (const other of [0, 2]) {
            const changed = await store.read("app", other);
            assert.equal(changed.unchanged, undefined);
            assert.equal(changed.value, "value");
          }
        }),
    },
    {
      name: "a store that tells the time tells it in milliseconds since 1970",
      run: () =>
        withPlace(subject, async (_, open) => {
          const store = open();
          await store.write("app", "value", 0);
          const { now } = await store.read("app");
          if (now === undefined) return;
          assert.equal(Number.isFinite(now), true);
          assert.ok(Math.abs(now - Date.now()) < 86_400_000, `${String(now)} is more than a day off`);
        }),
    },
    {
      name: "apps are kept apart, however alike their names",
      run: () =>
        withPlace(subject, async (_, open) => {
          const store = open();
          for (const app of distinctApps)
            assert.equal(await store.write(app, `of ${app}`, 0, app), true, app);
          for (const app of distinctApps) assert.equal((await store.read(app)).value, `of ${app}`);
          assert.equal(await store.write(distinctApps[0] as string, "again", 1), true);
          for (const app of distinctApps.slice(1)) assert.equal((await store.read(app)).version, 1);
        }),
    },
    {
      name: "awkward texts come back as they were",
      run: () =>
        withPlace(subject, async (_, open) => {
          const store = open();
          for (const [version, text] of awkwardTexts.entries()) {
            assert.equal(await store.write("app", text, version, text.slice(0, 127)), true, text);
            assert.equal((await store.read("app")).value, text);
          }
        }),
    },
    {
      name: "a value of 64 KiB comes back as it was",
      run: () =>
        withPlace(subject, async (_, open) => {
          const store = open();
          const large = "0123456789'\\é€🚧".repeat(3000).slice(0, 40_000);
          const bytes = new TextEncoder().encode(large).length;
          const padded = large + "x".repeat(Math.max(0, 65_536 - bytes));
          assert.equal(await store.write("app", padded, 0), true);
          assert.equal((await store.read("app")).value, padded);
        }),
    },
    {
      name: "of many writes at once on one version, one wins",
      run: () =>
        withPlace(subject, async (_, open) => {
          const store = open();
          for (const version of [0, 1, 2]) {
            const writers = Array.from({ length: 10 }, (_, index) => `writer ${String(index)}`);
            const won = await Promise.all(writers.map((writer) => store.write("app", writer, version)));
            assert.equal(won.filter(Boolean).length, 1);
            assert.equal((await store.read("app")).value, writers[won.indexOf(true)]);
          }
        }),
    },
    {
      name: "a migration may be repeated, and keeps what is there",
      run: () =>
        withPlace(subject, async (_, open) => {
          const store = open();
          await store.migrate?.();
          await store.migrate?.();
          assert.equal((await store.read("app")).version, 0);
          assert.equal(await store.write("app", "value", 0), true);
          await store.migrate?.();
          assert.equal((await store.read("app")).value, "value");
        }),
    },
    {
      name: "a store may be closed twice, and unused",
      run: () =>
        withPlace(subject, async (_, open) => {
          await open().close();
          const store = open();
          await store.read("app");
          await Promise.all([store.close(), store.close()]);
          await store.close();
        }),
    },
    {
      name: "a closed store refuses every operation",
      run: () =>
        withPlace(subject, async (_, open) => {
          const store = open();
          await store.write("app", "value", 0);
          await store.close();
          await assert.rejects(store.read("app"), Error);
          await assert.rejects(store.write("app", "value", 1), Error);
          if (store.watch !== undefined)
            await assert.rejects(
              store.watch("app", () => {}),
              Error,
            );
          if (store.migrate !== undefined) await assert.rejects(store.migrate(), Error);
        }),
    },
    {
      name: "a store that is closed in the middle of a read settles it",
      run: () =>
        withPlace(subject, async (_, open) => {
          const store = open();
          const reads = Array.from({ length: 5 }, () => store.read("app"));
          const settled = Promise.allSettled(reads);
          await store.close();
          await settled;
        }),
    },
  ];
  return cases;
}
