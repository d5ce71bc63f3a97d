import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../servers/postgres.ts";
import { openBooks, type Books } from "./books.js";
import { createStage, startTraffic, type Instance, type Seen, type Stage } from "./stage.ts";

/** Where a story keeps its two databases: Intermission's store, and the app's own. */
interface Place {
  readonly store: string;
  readonly library: string;
}

const kinds = (seen: readonly Seen[], release: string, path: string): ReadonlySet<string> =>
  new Set(seen.filter((one) => one.release === release && one.path === path).map(({ kind }) => kind));

function tellStories(place: (stage: Stage) => Promise<Place>): void {
  let stage: Stage;
  let books: Books;
  const shared: Record<string, string> = {};

  beforeEach(async () => {
    for (const name of Object.keys(shared)) Reflect.deleteProperty(shared, name);
    stage = createStage(shared);
    const { store, library } = await place(stage);
    Object.assign(shared, { MAINTENANCE_STORE: store, LIBRARY_DATABASE: library });
    books = openBooks(library);
    await books.create();
  });

  afterEach(async () => {
    await books.close();
    await stage.clear();
  });

  const startThree = (release: string): Promise<Instance[]> =>
    Promise.all([1, 2, 3].map(() => stage.startInstance(release)));

  const succeed = async (release: string | undefined, ...parameters: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await stage.run(release, ...parameters);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    return stdout;
  };

  test("a deploy under traffic: each answer is a success, the page or a regular error, and none is the wrong one", async () => {
    await succeed("v1.0", "create-release");
    const old = await startThree("v1.0");
    const traffic = startTraffic(old, ["/", "/working", "/bug"]);

    // Before: errors are regular.
    const before = await traffic.take(15);
    expect(kinds(before, "v1.0", "/")).toEqual(new Set(["success"]));
    expect(kinds(before, "v1.0", "/working")).toEqual(new Set(["success"]));
    expect(kinds(before, "v1.0", "/bug")).toEqual(new Set(["raw"]));

    // The new machine records its release. Once that returns, no old instance shows a raw error: zero, not
    // few.
    await succeed("v1.1", "create-release");
    traffic.startAfresh();
    const recorded = await traffic.take(30);
    expect(kinds(recorded, "v1.0", "/")).toEqual(new Set(["success"]));
    expect(kinds(recorded, "v1.0", "/working")).toEqual(new Set(["success"]));
    expect(kinds(recorded, "v1.0", "/bug")).toEqual(new Set(["page"]));

    // The migration breaks what the old release reads.
    await books.migrate();
    traffic.startAfresh();
    const migrated = await traffic.take(30);
    expect(kinds(migrated, "v1.0", "/")).toEqual(new Set(["page"]));
    expect(kinds(migrated, "v1.0", "/working")).toEqual(new Set(["success"]));
    expect(kinds(migrated, "v1.0", "/bug")).toEqual(new Set(["page"]));

    // The old machines are replaced one by one.
    const fresh = await startThree("v1.1");
    for (const [index, instance] of old.entries()) {
      const successor = fresh[index] as Instance;
      traffic.join(successor);
      await traffic.leave(instance);
      await instance.stop();
    }
    traffic.startAfresh();
    const after = await traffic.take(15);
    expect(kinds(after, "v1.1", "/")).toEqual(new Set(["success"]));
    expect(kinds(after, "v1.1", "/bug")).toEqual(new Set(["raw"]));
    await traffic.stop();

    // Three instances, three paths. Any answer of another kind would have ended the traffic with an error.
    for (const seen of [before, recorded, migrated, after])
      expect(seen.length).toBeGreaterThanOrEqual(9 * 15);
  });

  test("a rollback: the machines on v1.0 show regular errors again, those on v1.1 the page", async () => {
    await succeed("v1.0", "create-release");
    await succeed("v1.1", "create-release");
    await books.migrate();
    const [old, fresh] = await Promise.all([stage.startInstance("v1.0"), stage.startInstance("v1.1")]);
    expect((await old.visit("/bug")).kind).toBe("page");
    expect((await fresh.visit("/bug")).kind).toBe("raw");

    await books.migrateBack();
    await succeed("v1.1", "rollback");
    // An instance that shows the page may do so once more: it learns of the rollback behind that answer.
    await old.visit("/bug");
    await expect.poll(async () => (await old.visit("/bug")).kind).toBe("raw");
    expect((await old.visit("/")).kind).toBe("success");
    expect((await fresh.visit("/bug")).kind).toBe("page");
    expect((await fresh.visit("/")).kind).toBe("page");
  });

  test("twenty machines record the same release at once: all succeed, and it is recorded once", async () => {
    await succeed("v1.0", "create-release", "--no-wait");
    const results = await Promise.all(
      Array.from({ length: 20 }, () => stage.run("v1.1", "create-release", "--no-wait")),
    );
    expect(results.map(({ code }) => code)).toEqual(Array.from({ length: 20 }, () => 0));
    const history = JSON.parse(await succeed(undefined, "releases", "--json")) as {
      releases: { id: string }[];
    };
    expect(history.releases.map(({ id }) => id)).toEqual(["v1.1", "v1.0"]);
  });

  test("an old machine that boots late changes nothing, and is warned", async () => {
    await succeed("v1.0", "create-release", "--no-wait");
    await succeed("v1.1", "create-release", "--no-wait");
    const late = await stage.run("v1.0", "create-release");
    expect(late.code).toBe(0);
    expect(late.stderr).toContain("rollback");
    const status = JSON.parse(await succeed("v1.0", "status", "--json")) as unknown;
    expect(status).toMatchObject({
      instanceRelease: "v1.0",
      currentRelease: "v1.1",
      verdict: "maintenance",
      reason: "release-mismatch",
    });
  });

  test("apps that share a store don't see each other", async () => {
    await succeed("v1.0", "create-release", "--app", "shop", "--no-wait");
    await succeed("v9", "create-release", "--app", "blog", "--no-wait");
    const shop = await stage.startInstance("v1.0", { MAINTENANCE_APP: "shop" });
    const blog = await stage.startInstance("v1.0", { MAINTENANCE_APP: "blog" });
    expect((await shop.visit("/bug")).kind).toBe("raw");
    expect((await blog.visit("/bug")).kind).toBe("page");
  });

  describe("what is not known leaves errors regular, with one warning", () => {
    test("no release in the environment", async () => {
      await succeed("v1.1", "create-release", "--no-wait");
      const instance = await stage.startInstance(undefined);
      for (let visits = 0; visits < 5; visits++) expect((await instance.visit("/bug")).kind).toBe("raw");
      expect(instance.warnings).toEqual(["no-instance-release"]);
    });

    test("an empty release in the environment", async () => {
      await succeed("v1.1", "create-release", "--no-wait");
      const instance = await stage.startInstance("  ");
      expect((await instance.visit("/bug")).kind).toBe("raw");
      expect(instance.warnings).toEqual(["no-instance-release"]);
    });

    test("no release in the store", async () => {
      const instance = await stage.startInstance("v1.0");
      for (let visits = 0; visits < 5; visits++) expect((await instance.visit("/bug")).kind).toBe("raw");
      expect((await instance.visit("/")).kind).toBe("success");
      expect(instance.warnings).toEqual(["no-current-release"]);
    });

    test("a stray space in a release does not mask anything", async () => {
      await succeed("v1.0", "create-release", "--no-wait");
      const instance = await stage.startInstance(" v1.0 ");
      expect((await instance.visit("/bug")).kind).toBe("raw");
    });
  });
}

describe("on SQLite", () => {
  tellStories((stage) =>
    Promise.resolve({
      store: `sqlite:${join(stage.folder, "store", "state.db")}`,
      library: join(stage.folder, "library.db"),
    }),
  );
});

describeWithServer("on PostgreSQL", { available: isPostgresAvailable(), packageName: "postgresql" }, () => {
  let server: PostgresServer;
  let databases = 0;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => {
    await server.stop();
  });

  tellStories(async () => {
    const name = `story_${String(++databases)}`;
    await server.query(`create database ${name}`);
    const url = server.url.replace(/\/postgres$/, `/${name}`);
    return { store: url, library: url };
  });
});
