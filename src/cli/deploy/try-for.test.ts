import { expect, test } from "vitest";
import { IntermissionError } from "../../core/errors.ts";
import { createFakeClock } from "../../testing/fake-clock.ts";
import { tryFor } from "./try-for.ts";

test("what works again within the time is done once", async () => {
  const clock = createFakeClock();
  let attempts = 0;
  const done = tryFor(clock, 10_000, () =>
    ++attempts < 6 ? Promise.reject(new Error("away")) : Promise.resolve("closed"),
  );
  await clock.advance(10_000);
  expect(await done).toBe("closed");
  expect(attempts).toBe(6);
});

test("what never works is given up, with the last reason", async () => {
  const clock = createFakeClock();
  let attempts = 0;
  const done = tryFor(clock, 10_000, () => Promise.reject(new Error(`attempt ${String(++attempts)}`)));
  const refused = expect(done).rejects.toThrow("attempt 21");
  await clock.advance(10_000);
  await refused;
  expect(clock.pending).toBe(0);
});

test("a deploy that is gone is not asked for again", async () => {
  const gone = new IntermissionError("deploy-gone", { problem: "No deploy is open" });
  let attempts = 0;
  const done = tryFor(createFakeClock(), 10_000, () => {
    attempts++;
    return Promise.reject(gone);
  });
  await expect(done).rejects.toBe(gone);
  expect(attempts).toBe(1);
});
