import { expect, test } from "vitest";
import type { Representative } from "../../core/intermission.ts";
import type { MaskedError } from "../../core/settings/options.ts";
import { resolveSettings } from "../../core/settings/resolve.ts";
import { createFakeClock } from "../../testing/fake-clock.ts";
import { createUpstreamRelease } from "./upstream-release.ts";

/** An upstream, and what is reported of its instances. */
function upstreamGiven(given?: string, environment: Readonly<Record<string, string>> = {}) {
  const told: string[] = [];
  const clock = createFakeClock();
  const intermission = {
    known: undefined,
    settings: resolveSettings({}, environment),
    represent({ release }: { readonly release: string }): Representative {
      told.push(`${release} on`);
      return {
        countRegular: () => undefined,
        count: () => told.push(`${release} masked`),
        signOn: () => told.push(`${release} on`),
        signOff: () => told.push(`${release} off`),
        close: async () => void told.push(`${release} closed`),
      };
    },
  };
  const release = createUpstreamRelease({ origin: "http://a", given, intermission, clock, heard: () => {} });
  return { release, told, clock };
}

test("an upstream is alive from its first answer on, until nobody answers at its address", () => {
  const { release, told } = upstreamGiven();
  expect(told).toEqual([]);
  release.answered("v1.0");
  release.answered("v1.0");
  release.signOff();
  release.signOff();
  release.answered("v1.0");
  release.retire();
  expect(told).toEqual(["v1.0 on", "v1.0 off", "v1.0 on", "v1.0 closed"]);
});

test("with another release it is another instance, and the one before is gone soon", async () => {
  const { release, told, clock } = upstreamGiven();
  release.answered("v1.0");
  release.answered("v1.1");
  release.instance?.count({} as MaskedError);
  await clock.advance(30_000);
  expect(told).toEqual(["v1.0 on", "v1.1 on", "v1.1 masked", "v1.0 closed"]);
});

test("workers of two releases behind one address are both alive, however often they take turns", async () => {
  const { release, told, clock } = upstreamGiven();
  for (let times = 0; times < 100; times++) {
    release.answered(times % 2 === 0 ? "v1.0" : "v1.1");
    await clock.advance(1000);
  }
  expect(told.filter((text) => text.endsWith("closed"))).toEqual([]);
});

test("releases that an upstream makes up for each answer are no instances without end", () => {
  const { release, told } = upstreamGiven();
  for (let times = 0; times < 100; times++) release.answered(`v${String(times)}`);
  expect(told).toHaveLength(4);
});

test.each([
  ["v1.0", {}, ["v1.0 on"]],
  [undefined, { MAINTENANCE_PAGE_RELEASE: "v2" }, ["v2 on"]],
  [undefined, {}, []],
])(
  "one that says none has the one it was given (%j), or the gateway's own (%j)",
  (given, environment, on) => {
    const { release, told } = upstreamGiven(given, environment);
    release.answered(undefined);
    expect(told).toEqual(on);
    expect(release.instance === undefined).toBe(on.length === 0);
  },
);
