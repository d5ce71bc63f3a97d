import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createIntermission } from "intermission";
import { expect, test } from "vitest";
import { runCli, temporaryFolder } from "./run-cli.ts";

const folderStore = new URL("../third-party-store/folder-store.js", import.meta.url).href;

test("the command line and an app use the store of one module, whatever client it holds open", async () => {
  const cwd = temporaryFolder();
  writeFileSync(
    join(cwd, "store.mjs"),
    `import { folderStore } from ${JSON.stringify(folderStore)};
     setInterval(() => {}, 1000);
     export default folderStore(${JSON.stringify(join(cwd, "records"))});`,
  );
  const env = { MAINTENANCE_STORE: "./store.mjs" };
  const recorded = await runCli(["create-release", "v1.1", "--no-wait"], { cwd, env });
  expect(recorded).toMatchObject({ exitCode: 0, stderr: "" });

  const url = pathToFileURL(join(cwd, "store.mjs")).href;
  const app = createIntermission({ store: url, release: "v1.0" });
  await app.ready();
  expect(await app.decide()).toMatchObject({ verdict: "maintenance", reason: "release-mismatch" });
  await app.close();

  const status = await runCli(["status", "--json", "--store", url], { cwd });
  expect(JSON.parse(status.stdout)).toMatchObject({ currentRelease: "v1.1" });
  const instances = await runCli(["instances"], { cwd, env });
  expect(instances).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("keeps no reports") as string,
  });
});

test("a module that can't be used is wrong usage, said in one line", async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, "store.mjs"), "export const store = {};");
  for (const [store, problem] of [
    ["./store.mjs", "has no default export"],
    ["./missing.mjs", "could not be loaded"],
  ] as const) {
    const { exitCode, stderr } = await runCli(["create-release", "v1.1", "--store", store], { cwd });
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(problem) as string });
    expect(stderr).toMatch(/^intermission: .+\n$/);
  }
});
