import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createIntermission } from "intermission";
import { storeContract, type StoreContractSubject } from "intermission/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { requireBuild } from "../support/built.ts";
import { folderStore } from "./folder-store.js";

beforeAll(requireBuild);

const subject: StoreContractSubject = {
  async createPlace() {
    const folder = await mkdtemp(join(tmpdir(), "intermission-third-party-"));
    const root = join(folder, "records");
    return {
      open: () => folderStore(root),
      argument: root,
      isUntouched: async () => !existsSync(root),
      remove: () => rm(folder, { recursive: true }),
    };
  },
  otherProcess: { module: new URL("./folder-store.js", import.meta.url), exportName: "folderStore" },
  push: false,
};

describe("the store contract, for a store from outside", () => {
  for (const { name, run } of storeContract(subject)) test(name, run);
});

test("an app uses it by handing it in", async () => {
  const folder = await mkdtemp(join(tmpdir(), "intermission-third-party-"));
  const [machine, deploy] = ["v1.0", "v1.1"].map((release) =>
    createIntermission({ store: folderStore(folder), release, refreshEvery: 0 }),
  );
  await machine?.createRelease();
  expect(await machine?.decide()).toMatchObject({ verdict: "regular", reason: "release-match" });
  await deploy?.createRelease();
  await expect
    .poll(async () => machine?.decide(), { timeout: 5000 })
    .toMatchObject({ reason: "release-mismatch" });
  await Promise.all([machine?.close(), deploy?.close()]);
  await rm(folder, { recursive: true });
});
