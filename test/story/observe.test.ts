import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openBooks } from "./books.js";
import { createStage, type Stage } from "./stage.ts";

let stage: Stage;
const shared: Record<string, string> = {};

beforeEach(async () => {
  stage = createStage(shared);
  shared["LIBRARY_DATABASE"] = join(stage.folder, "library.db");
  shared["MAINTENANCE_STORE"] = `sqlite:${join(stage.folder, "state.db")}`;
  const books = openBooks(shared["LIBRARY_DATABASE"]);
  await books.create();
  await books.close();
});
afterEach(() => stage.clear());

async function succeed(...parameters: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await stage.run(undefined, ...parameters);
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  return stdout;
}

test("a team tries it out beside the real thing: raw errors, and a report of what would have been hidden", async () => {
  await succeed("create-release", "v1.0");
  const observer = await stage.startInstance("v1.0", {
    MAINTENANCE_OBSERVE: "yes",
    MAINTENANCE_INSTANCE: "observer",
  });
  const masker = await stage.startInstance("v1.0", { MAINTENANCE_INSTANCE: "masker" });
  expect((await observer.visit("/bug")).kind).toBe("raw");
  await succeed("create-release", "v1.1");
  for (let time = 0; time < 3; time++) {
    expect((await observer.visit("/bug")).kind).toBe("raw");
    expect((await masker.visit("/bug")).kind).toBe("page");
    expect((await observer.visit("/working")).kind).toBe("success");
  }
  expect(observer.warnings).toEqual(["observed"]);

  await succeed("on", "--all", "--no-wait");
  await expect.poll(async () => (await masker.visit("/working")).kind).toBe("page");
  expect((await observer.visit("/working")).kind).toBe("success");
  await succeed("off", "--no-wait");

  await expect
    .poll(async () => succeed("instances"), { timeout: 20_000 })
    .toMatch(/observer .*\(only observed\)/);
  expect(await Promise.all([observer.stop(), masker.stop()])).toEqual([0, 0]);
  const report = JSON.parse(await succeed("report", "--json")) as Record<string, unknown>;
  expect(report).toMatchObject({ release: "v1.1", maskedErrors: 3, instances: 1, observedErrors: 3 });
  expect(await succeed("report")).toContain(
    "3 errors would have been hidden too, by 1 instance that only observes:",
  );
}, 60_000);
