import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { visit } from "../support/http.ts";
import { openBooks } from "./books.js";
import { createStage, type Instance, type Stage } from "./stage.ts";

let stage: Stage;
let started: Instance[];
const shared: Record<string, string> = {};

beforeAll(async () => {
  stage = createStage(shared);
  started = [];
  shared["MAINTENANCE_STORE"] = `sqlite:${join(stage.folder, "state.db")}`;
  shared["LIBRARY_DATABASE"] = join(stage.folder, "library.db");
  const books = openBooks(shared["LIBRARY_DATABASE"]);
  await books.create();
  await books.close();
  expect(await stage.run("v1.0", "create-release", "--no-wait")).toMatchObject({ code: 0 });
});

afterAll(async () => {
  await stage.clear();
});

async function start(
  release: string | undefined,
  environment: Readonly<Record<string, string>>,
): Promise<Instance> {
  const instance = await stage.startInstance(release, environment);
  started.push(instance);
  return instance;
}

/** As in the original: only a broken view is ever replaced, by manual mode or because the releases differ. */
const table = [
  { release: "v1.0", mode: "False", good: "success", broken: "raw" },
  { release: "v1.0", mode: "True", good: "success", broken: "page" },
  { release: "v0.9", mode: "False", good: "success", broken: "page" },
  { release: "v0.9", mode: "True", good: "success", broken: "page" },
] as const;

describe.each(["MAINTENANCE_MODE", "DJANGO_MAINTENANCE_MODE"])("by %s", (name) => {
  test.each(table)("$release with manual mode $mode: good view $good, broken view $broken", async (row) => {
    const instance = await start(row.release, { [name]: row.mode });
    expect((await instance.visit("/working")).kind).toBe(row.good);
    expect((await instance.visit("/bug")).kind).toBe(row.broken);
  });

  test.each(["1", "yes", "on"])("%s is manual mode too", async (word) => {
    expect((await (await start("v1.0", { [name]: word })).visit("/bug")).kind).toBe("page");
  });

  test("a word that is neither ends the process at its start, and says why", async () => {
    await expect(start("v1.0", { [name]: "maybe" })).rejects.toThrow(`The value of ${name} can't be used`);
  });
});

test.each(["MAINTENANCE_STATUS_CODE", "DJANGO_MAINTENANCE_STATUS_CODE"])(
  "%s sets the status of the page",
  async (name) => {
    const { url } = await start("v0.9", { [name]: "502" });
    expect((await visit(`${url}/bug`)).status).toBe(502);
    expect((await visit(`${url}/working`)).status).toBe(200);
  },
);

test.each([
  ["DJANGO_MAINTENANCE_PAGE_RELEASE", { DJANGO_MAINTENANCE_PAGE_RELEASE: "v0.9" }],
  ["the variable that MAINTENANCE_ENV_VAR names", { MAINTENANCE_ENV_VAR: "MY_RELEASE", MY_RELEASE: "v0.9" }],
  [
    "the variable that DJANGO_MAINTENANCE_ENV_VAR names",
    { DJANGO_MAINTENANCE_ENV_VAR: "MY_RELEASE", MY_RELEASE: "v0.9" },
  ],
])("the release may come from %s", async (_, environment) => {
  expect((await (await start(undefined, environment as Record<string, string>)).visit("/bug")).kind).toBe(
    "page",
  );
});

test("manual mode needs no store at all", async () => {
  const instance = await start("v1.0", {
    MAINTENANCE_MODE: "on",
    MAINTENANCE_STORE: "postgres://nobody@127.0.0.1:1/none",
  });
  expect((await instance.visit("/bug")).kind).toBe("page");
});
