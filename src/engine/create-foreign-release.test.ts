import { expect, test } from "vitest";
import type { MaskedError } from "../core/settings/options.ts";
import { maskOne } from "../../test/support/failed-answer.ts";
import { createIntermission } from "./create.ts";
import { memoryStore } from "../stores/memory/index.ts";

test("an error of another instance is judged, and told, by the release of that one", async () => {
  const told: MaskedError[] = [];
  const intermission = createIntermission(
    { store: memoryStore(), release: "v1.1", onMasked: (masked) => told.push(masked) },
    { environment: {} },
  );
  await intermission.ready();
  await intermission.createRelease("v1.0", { wait: false });
  await intermission.createRelease("v1.1", { wait: false });

  expect(await intermission.decide({ status: 500 })).toMatchObject({ reason: "release-match" });
  expect(await intermission.decide({ status: 500, release: "v1.0" })).toMatchObject({
    reason: "release-mismatch",
  });
  expect(await intermission.decide({ status: 500, release: null })).toMatchObject({
    reason: "no-instance-release",
  });

  expect(await maskOne(intermission, { release: "v1.0" })).toBe(true);
  expect(told.map(({ instanceRelease }) => instanceRelease)).toEqual(["v1.0"]);
  expect(told[0]).not.toHaveProperty("release");
  await intermission.close();
});

test("what was read last is known with the store's time, and unknown before", async () => {
  const store = memoryStore();
  const intermission = createIntermission({ store, release: "v1.0" }, { environment: {} });
  expect(intermission.known).toBeUndefined();
  await intermission.ready();
  await intermission.createRelease("v1.0", { wait: false });
  expect(intermission.known?.state.releases.map(({ id }) => id)).toEqual(["v1.0"]);
  expect(Math.abs((intermission.known?.now ?? 0) - Date.now())).toBeLessThan(5000);
  await intermission.close();
});
