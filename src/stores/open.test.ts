import { mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeWithServer } from "../../test/servers/describe-with-server.ts";
import { isPostgresAvailable, startPostgres } from "../../test/servers/postgres.ts";
import { isRedisAvailable, startRedis } from "../../test/servers/redis.ts";
import { storeContract } from "../testing/index.ts";
import { openStore, redactUrl } from "./open.ts";

describe("the store contract, for a store that is loaded on first use", () => {
  for (const { name, run } of storeContract({
    createPlace: () => ({ open: () => openStore("memory:") }),
    push: true,
    reports: true,
  })) {
    test(name, run);
  }
});

describe("openStore", () => {
  test("opens a SQLite file by its path, percent signs and spaces as they are", async () => {
    const folder = mkdtempSync(join(tmpdir(), "intermission-open-"));
    for (const [index, prefix] of ["sqlite:", "SQLite:", "sqlite://"].entries()) {
      const url = `${prefix}${folder}/100%25 of ${String(index)}.db`;
      const store = openStore(url);
      expect(await store.write("app", "value", 0)).toBe(true);
      await store.close();
      const again = openStore(` ${url}\n`);
      expect((await again.read("app")).value).toBe("value");
      await again.close();
    }
    rmSync(folder, { recursive: true });
  });

  test("gives a store without push a watch that never calls", async () => {
    const store = openStore(`sqlite:${join(tmpdir(), "intermission-never-written.db")}`);
    const stop = await store.watch?.("app", () => {
      throw new Error("called");
    });
    await stop?.();
    await store.close();
  });

  test("connects to nothing before the first use", async () => {
    await openStore("postgres://nobody@192.0.2.1:1/none").close();
  });

  test.each([
    ["mongodb://user:secret@host/db", /MAINTENANCE_STORE/],
    ["oracle://user:secret@host/db", /MAINTENANCE_STORE/],
    ["file:./dev.db", /MAINTENANCE_STORE/],
    ["state.db", /MAINTENANCE_STORE/],
    ["", /an empty one/],
    ["constructor:x", /MAINTENANCE_STORE/],
    ["sqlite:", /Name a file/],
    ["sqlite::memory:", /use memory:/],
    ["sqlite:state.db?mode=ro", /one parameter: group=true/],
    ["postgres://user:secret@host/db?listen=no", /listen=false/],
    ["rediss://user:secret@host/0?subscribe=", /subscribe=false/],
    ["postgres:host/db", /Percent-encode/],
    ["postgres://user:sec/ret#x@host:port/db", /Percent-encode/],
  ])("refuses %s at once", (url, remedy) => {
    let thrown: unknown;
    try {
      openStore(url);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "bad-option", message: expect.stringMatching(remedy) as string });
    expect((thrown as Error).message).not.toContain("sec");
    expect((thrown as Error).cause).toBeUndefined();
  });
});

/** Makes two changes: opening the URL alone pushes both, with the parameters so many. */
async function expectPushes(url: string, parameters: string, times: number): Promise<void> {
  const [plain, other] = [openStore(url), openStore(`${url}${parameters}`)];
  const pushes = { plain: 0, other: 0 };
  const { version } = await other.read("app");
  await plain.watch?.("app", () => pushes.plain++);
  await other.watch?.("app", () => pushes.other++);
  await other.write("app", "value", version);
  await expect.poll(() => pushes.plain).toBe(1);
  await other.write("app", "value", version + 1);
  await expect.poll(() => pushes).toEqual({ plain: 2, other: times });
  await Promise.all([plain.close(), other.close()]);
}

describeWithServer(
  "the URL of a PostgreSQL store",
  { available: isPostgresAvailable(), packageName: "postgresql" },
  () => {
    test("turns push off by listen=false, and hands all other parameters on", async () => {
      const postgres = await startPostgres();
      await postgres.query("create schema apart");
      const schema = "options=-csearch_path%3Dapart";
      const url = `${postgres.url}?${schema}`;
      await expectPushes(url, "&listen=false", 0);
      await expectPushes(url, "&listen=true", 2);
      await expectPushes(postgres.url, `?listen=false&${schema}`, 0);
      expect(await postgres.query("select version from apart.intermission")).toEqual([{ version: "6" }]);
      await postgres.stop();
    });
  },
);

describeWithServer(
  "the URL of a Redis store",
  { available: isRedisAvailable(), packageName: "redis-server" },
  () => {
    test("turns push off by subscribe=false", async () => {
      const redis = await startRedis();
      await expectPushes(redis.url, "?subscribe=false", 0);
      await expectPushes(redis.url, "?subscribe=true", 2);
      await redis.stop();
    });
  },
);

test("~ is the user's home in the path of SQLite, and file: is told what to write", async () => {
  const store = openStore("sqlite:~/intermission-nowhere/state.db");
  await store.read("app");
  expect(store.place).toBe(join(homedir(), "intermission-nowhere/state.db"));
  await store.close();
  expect(() => openStore("file:./dev.db")).toThrow("sqlite: in place of file:");
});

describe("redactUrl", () => {
  test("keeps the server and the database", () => {
    expect(redactUrl("postgres://user:secret@db.internal:5432/shop?sslmode=require")).toBe(
      "postgres://…@db.internal:5432/shop",
    );
    expect(redactUrl("postgres://db.internal/shop")).toBe("postgres://db.internal/shop");
    expect(redactUrl("sqlite:/var/lib/state.db")).toBe("sqlite:/var/lib/state.db");
    expect(redactUrl("sqlite:/x?key=SECRET")).toBe("sqlite:/x?…");
    expect(redactUrl("sqlite://user:SECRET@host/x")).toBe("sqlite://…@host/x");
    expect(redactUrl("memory:")).toBe("memory:");
  });

  test.each([
    "postgres://user:HUSH?sslHUSH@127.0.0.1:1/db?sslmode=disable",
    "postgres://user:HUSH@?HUSH@127.0.0.1:1/db?sslmode=disable",
    "mysql://user:1?sslHUSH@127.0.0.1/db",
    "rediss://user:1?tlsHUSH@127.0.0.1/0",
    "redis+sentinel://user:1?HUSH@127.0.0.1/name",
    "redis+cluster://user:1/HUSH@127.0.0.1",
  ])("does not take a part of a pasted password for a name that it may show: %s", (url) => {
    expect(() => openStore(url)).toThrow(expect.not.stringContaining("HUSH") as Error);
    try {
      openStore(url);
    } catch (error) {
      expect(String(error)).not.toContain("HUSH");
    }
  });

  test("never shows a password, whatever is in it and however the URL is broken", () => {
    const password = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
      .map((text) => `HUSH${text}HUSH`);
    const shape = fc.constantFrom(
      (secret: string) => `postgres://user:${secret}@host:5432/db?a=b`,
      (secret: string) => `redis://:${secret}@host`,
      (secret: string) => `postgres://host/db?user=u&password=${secret}`,
      (secret: string) => `postgres:user:${secret}@host`,
      (secret: string) => `postgres:/user:${secret}@host/db`,
      (secret: string) => `postgres://user:${secret}`,
      (secret: string) => `  MONGODB+srv://user:${secret}@a,b,c/db`,
      (secret: string) => secret,
    );
    fc.assert(
      fc.property(password, shape, (secret, toUrl) => {
        expect(redactUrl(toUrl(secret))).not.toContain("HUSH");
      }),
    );
  });
});
