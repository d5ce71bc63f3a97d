import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openBooks, type Books } from "./books.js";
import { createStage, type Instance, type Running, type Stage } from "./stage.ts";

const migration = [process.execPath, fileURLToPath(new URL("migration.js", import.meta.url))];

let stage: Stage;
let books: Books;
const shared: Record<string, string> = {};

beforeEach(async () => {
  stage = createStage(shared);
  shared["MAINTENANCE_STORE"] = `sqlite:${join(stage.folder, "state.db")}`;
  shared["LIBRARY_DATABASE"] = join(stage.folder, "library.db");
  books = openBooks(shared["LIBRARY_DATABASE"]);
  await books.create();
  expect(await stage.run("v1.0", "create-release", "--no-wait")).toMatchObject({ code: 0 });
});
afterEach(async () => {
  await books.close();
  await stage.clear();
});

/** A deploy whose command is running and waits for orders. */
async function begin(...options: readonly string[]): Promise<Running> {
  const deploy = stage.start("v1.1", ["deploy", ...options, "--", ...migration]);
  await deploy.said("ready");
  return deploy;
}

async function tell(deploy: Running, line: string): Promise<void> {
  deploy.tell(line);
  await deploy.said(`done: ${line}`);
}

/** What an instance shows once it knows the newest state. */
const becomes = (instance: Instance, path: string, kind: string): Promise<void> =>
  expect.poll(async () => (await instance.visit(path)).kind).toBe(kind);

const statusOf = async (): Promise<unknown> => ({
  deploy: null,
  ...(JSON.parse((await stage.run(undefined, "status", "--json")).stdout) as object),
});

describe("a deploy that succeeds", () => {
  test("masks new code on the old schema and old code on the new one, and nothing when all is done", async () => {
    const [old, fresh] = await Promise.all([stage.startInstance("v1.0"), stage.startInstance("v1.1")]);
    // The new machine joined too early: what it reads does not exist yet.
    await becomes(fresh, "/", "page");
    const deploy = await begin();
    expect((await fresh.visit("/")).kind).toBe("page");
    expect((await fresh.visit("/bug")).kind).toBe("page");
    expect((await old.visit("/")).kind).toBe("success");
    expect((await old.visit("/bug")).kind).toBe("page");

    await tell(deploy, "migrate");
    expect((await fresh.visit("/")).kind).toBe("success");
    expect((await old.visit("/")).kind).toBe("page");
    deploy.tell("exit 0");
    expect(await deploy.result).toMatchObject({ code: 0 });
    await becomes(fresh, "/bug", "raw");
    expect((await old.visit("/bug")).kind).toBe("page");
    expect(await statusOf()).toMatchObject({ currentRelease: "v1.1", deploy: null });
  });

  test("shows what it has left undone: new code on the old schema is raw again after it", async () => {
    const fresh = await stage.startInstance("v1.1");
    const deploy = await begin();
    expect((await fresh.visit("/")).kind).toBe("page");
    deploy.tell("exit 0");
    expect(await deploy.result).toMatchObject({ code: 0 });
    await becomes(fresh, "/", "raw");
  });
});

describe("a migration that fails half-way", () => {
  test("with keep leaves the old instances masked, and says which command lifts that", async () => {
    const [old, fresh] = await Promise.all([stage.startInstance("v1.0"), stage.startInstance("v1.1")]);
    const deploy = await begin();
    await tell(deploy, "migrate");
    deploy.tell("exit 3");
    const { code, stderr } = await deploy.result;
    expect(code).toBe(3);
    expect(stderr).toMatch(/Deploy of v1\.1 failed \(exit 3\) after .+ The current release is v1\.1\.\n/);
    const [, lift = ""] = /To lift that: intermission (.+)\n/.exec(stderr) ?? [];
    expect((await old.visit("/")).kind).toBe("page");
    await becomes(fresh, "/bug", "raw");

    expect(await stage.run(undefined, ...lift.split(" "))).toMatchObject({ code: 0 });
    await becomes(old, "/", "raw");
    expect(await statusOf()).toMatchObject({ currentRelease: "v1.0", deploy: null });
  });

  test("with restore shows the old instances' errors again, and masks those of the new", async () => {
    const [old, fresh] = await Promise.all([stage.startInstance("v1.0"), stage.startInstance("v1.1")]);
    const deploy = await begin("--on-failure", "restore");
    await tell(deploy, "migrate");
    expect((await old.visit("/")).kind).toBe("page");
    await tell(deploy, "migrate-back");
    deploy.tell("exit 3");
    const { code, stderr } = await deploy.result;
    expect(code).toBe(3);
    expect(stderr).toContain("The current release is v1.0.\n");
    await becomes(old, "/bug", "raw");
    expect((await old.visit("/")).kind).toBe("success");
    expect((await fresh.visit("/bug")).kind).toBe("page");
  });

  test("can be tried again with the same release", async () => {
    const first = await begin();
    first.tell("exit 3");
    expect(await first.result).toMatchObject({ code: 3 });
    const second = await begin();
    await tell(second, "migrate");
    second.tell("exit 0");
    const { code, stderr } = await second.result;
    expect(code).toBe(0);
    expect(stderr).toContain("it is the current release already");
  });
});

describe("a pipeline that can't wrap a command", () => {
  test("begins and finishes", async () => {
    const fresh = await stage.startInstance("v1.1");
    expect(await stage.run("v1.1", "deploy", "--begin")).toMatchObject({ code: 0, stderr: "" });
    expect((await fresh.visit("/")).kind).toBe("page");
    await books.migrate();
    expect(await stage.run("v1.1", "deploy", "--finish")).toMatchObject({ code: 0, stderr: "" });
    expect((await fresh.visit("/")).kind).toBe("success");
    await becomes(fresh, "/bug", "raw");
  });

  test("begins and fails", async () => {
    const old = await stage.startInstance("v1.0");
    expect(await stage.run("v1.1", "deploy", "--begin")).toMatchObject({ code: 0 });
    expect((await old.visit("/bug")).kind).toBe("page");
    expect(await stage.run("v1.1", "deploy", "--fail", "--on-failure", "restore")).toMatchObject({ code: 0 });
    await becomes(old, "/bug", "raw");
  });
});
