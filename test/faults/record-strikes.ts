import { openStore } from "../../src/stores/open.ts";
import type { Store } from "../../src/core/ports.ts";
import type { Place, Strike } from "./subject.ts";

/** What a future version of Intermission might add, at every level. */
const additions = { audience: { countries: ["NL"] }, since: "v9" };
const releaseAddition = { by: "ci" };

/** A record with unknown fields. A write of today's version must keep them. */
export const newerRecord: Strike<unknown> = {
  how: "the record gets fields that this version does not know",
  begin: async (_, place) => {
    await rewrite(place, (value) => {
      const state = JSON.parse(value) as { readonly releases: readonly object[] };
      const known = state.releases.map((release) => ({ ...release, ...releaseAddition }));
      return JSON.stringify({ ...state, ...additions, releases: known });
    });
    return () => {};
  },
  check: (_, place) =>
    withStore(place, async (store) => {
      const { value = "{}" } = await store.read(place.app);
      const lost = [...Object.entries(additions), ...Object.entries(releaseAddition)].filter(
        (entry) => !value.includes(JSON.stringify(Object.fromEntries([entry])).slice(1, -1)),
      );
      if (lost.length > 0) throw new Error(`a write has lost ${JSON.stringify(lost)}`);
    }),
};

/** A truncated record. */
export const corruptedRecord: Strike<unknown> = {
  how: "the record's text loses its end",
  says: /record that can't be understood .*delete its row/,
  begin: async (_, place) => {
    let whole = "";
    await rewrite(place, (value) => {
      whole = value;
      return value.slice(0, -12);
    });
    return () => rewrite(place, () => whole);
  },
};

async function rewrite(place: Place, change: (value: string) => string): Promise<void> {
  await withStore(place, async (store) => {
    const { version, value = "" } = await store.read(place.app);
    if (!(await store.write(place.app, change(value), version))) throw new Error("somebody else wrote");
  });
}

async function withStore(place: Place, work: (store: Store) => Promise<void>): Promise<void> {
  const store = openStore(place.url);
  try {
    await work(store);
  } finally {
    await store.close();
  }
}
