import { describe, expect, test } from "vitest";
import { storeContract } from "../../testing/index.ts";
import { memoryStore } from "./index.ts";

describe("the store contract", () => {
  for (const { name, run } of storeContract({
    createPlace: () => ({ open: memoryStore }),
    push: true,
    reports: true,
  })) {
    test(name, run);
  }
});

test("two stores share nothing", async () => {
  const [one, other] = [memoryStore(), memoryStore()];
  await one.write("app", "value", 0);
  expect((await other.read("app")).version).toBe(0);
});
