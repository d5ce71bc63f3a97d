import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../servers/postgres.ts";
import { visit, type Answer } from "../support/http.ts";
import { openBooks } from "./books.js";
import { createStage, type Instance, type Stage } from "./stage.ts";

/**
 * Visitors of some paths on some instances, until told to leave. Each answer with the time of its request.
 */
interface Crowd {
  /** Waits for so many answers of each instance to requests of a path sent after this moment. */
  after(moment: number, path: string, atLeast: number): Promise<readonly Answer[]>;
  readonly all: readonly Seen[];
  leave(): Promise<void>;
}

interface Seen {
  readonly url: string;
  readonly path: string;
  readonly sentAt: number;
  readonly answer: Answer;
}

function gather(instances: readonly Instance[], paths: readonly string[]): Crowd {
  const all: Seen[] = [];
  let staying = true;
  const visitors = instances.flatMap(({ url }) =>
    paths.map(async (path) => {
      while (staying) {
        const sentAt = performance.now();
        const answer = await visit(url + path, { headers: { accept: "text/html" } });
        all.push({ url, path, sentAt, answer });
        // On two processors a crowd without pauses would slow the command itself.
        await pause(5);
      }
    }),
  );
  const select = (moment: number, path: string): readonly Seen[] =>
    all.filter((one) => one.path === path && one.sentAt >= moment);
  return {
    all,
    async after(moment, path, atLeast) {
      const isEnough = (): boolean =>
        instances.every(({ url }) => select(moment, path).filter((one) => one.url === url).length >= atLeast);
      while (staying && !isEnough()) await Promise.race([pause(20), Promise.all(visitors)]);
      return select(moment, path).map(({ answer }) => answer);
    },
    async leave() {
      staying = false;
      await Promise.all(visitors);
    },
  };
}

const statuses = (answers: readonly Answer[]): ReadonlySet<number> =>
  new Set(answers.map(({ status }) => status));

function tellStories(place: (stage: Stage) => Promise<string>): void {
  let stage: Stage;
  let crowd: Crowd | undefined;
  const shared: Record<string, string> = { MAINTENANCE_EXEMPT: "/health" };

  beforeEach(async () => {
    stage = createStage(shared);
    shared["MAINTENANCE_STORE"] = await place(stage);
    shared["LIBRARY_DATABASE"] = join(stage.folder, "library.db");
    const books = openBooks(shared["LIBRARY_DATABASE"]);
    await books.create();
    await books.close();
  });
  afterEach(async () => {
    await crowd?.leave();
    crowd = undefined;
    await stage.clear();
  });

  async function succeed(...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await stage.run("v1.0", ...words);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    return stdout;
  }

  const startThree = (): Promise<Instance[]> => Promise.all([1, 2, 3].map(() => stage.startInstance("v1.0")));

  test("closed and opened under traffic: nothing but the page from the return of on, none of it a second after off", async () => {
    await succeed("create-release", "--no-wait");
    const instances = await startThree();
    crowd = gather(instances, ["/working", "/bug", "/health"]);
    expect(statuses(await crowd.after(0, "/working", 5))).toEqual(new Set([200]));
    expect(statuses(await crowd.after(0, "/bug", 5))).toEqual(new Set([500]));

    await succeed("on", "--all", "--message", "Moving house", "--back-at", "30m");
    const closedAt = performance.now();
    for (const path of ["/working", "/bug"]) {
      for (const { status, headers, body } of await crowd.after(closedAt, path, 30)) {
        expect({ status, cause: headers["x-maintenance"] }).toEqual({ status: 503, cause: "closed" });
        expect(body).toContain("Moving house");
        expect(Number(headers["retry-after"])).toBeGreaterThan(1700);
      }
    }

    // Without the command's wait: the second is the instances' own.
    await succeed("off", "--no-wait");
    const openAt = performance.now() + 1000;
    const [opened, bugs] = [await crowd.after(openAt, "/working", 30), await crowd.after(openAt, "/bug", 30)];
    expect(statuses(opened)).toEqual(new Set([200]));
    expect(statuses(bugs)).toEqual(new Set([500]));

    await crowd.leave();
    const healthChecks = crowd.all.filter(({ path }) => path === "/health").map(({ answer }) => answer);
    expect(healthChecks.length).toBeGreaterThan(200);
    expect(statuses(healthChecks)).toEqual(new Set([200]));
  });

  test("mode errors: successes stay, every error gets the page, and off shows them again", async () => {
    await succeed("create-release", "--no-wait");
    const instances = await startThree();
    crowd = gather(instances, ["/working", "/bug"]);
    await succeed("on");
    const onAt = performance.now();
    const masked = await crowd.after(onAt, "/bug", 30);
    expect(statuses(masked)).toEqual(new Set([503]));
    expect(new Set(masked.map(({ headers }) => headers["x-maintenance"]))).toEqual(new Set(["manual"]));
    await crowd.leave();
    expect(statuses(await crowd.after(0, "/working", 0))).toEqual(new Set([200]));
    await succeed("off");
    const [instance] = instances as [Instance, Instance, Instance];
    // The first error may still be masked: the page uses what is known and revalidates in the background.
    await expect.poll(async () => (await visit(`${instance.url}/bug`)).status).toBe(500);
  });

  test("a bypass link lets its holder in on every instance, until the next on", async () => {
    await succeed("create-release", "--no-wait");
    const instances = await startThree();
    const [first] = instances as [Instance, Instance, Instance];
    const link = (await succeed("on", "--all", "--link", first.url)).trim();
    expect((await visit(first.url)).status).toBe(503);

    const admitted = await visit(link);
    expect({ status: admitted.status, location: admitted.headers.location }).toEqual({
      status: 302,
      location: "/",
    });
    const [setCookie = ""] = admitted.headers["set-cookie"] ?? [];
    expect(setCookie).toMatch(/; HttpOnly; Secure; SameSite=Lax; Path=\/; Max-Age=43200$/);
    const cookie = setCookie.split(";")[0] ?? "";
    for (const { url } of instances)
      expect((await visit(`${url}/working`, { headers: { cookie } })).status).toBe(200);
    expect((await visit(`${first.url}/bug`, { headers: { cookie } })).status).toBe(500);
    const forged = `${cookie.slice(0, -2)}${cookie.endsWith("AA") ? "BB" : "AA"}`;
    expect((await visit(`${first.url}/working`, { headers: { cookie: forged } })).status).toBe(503);

    await succeed("on", "--all", "--wait", "1s");
    await expect
      .poll(async () => (await visit(`${first.url}/working`, { headers: { cookie } })).status)
      .toBe(503);
    expect((await visit(link)).status).toBe(503);
  });
}

describe("on SQLite", () => {
  tellStories((stage) => Promise.resolve(`sqlite:${join(stage.folder, "store", "state.db")}`));
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
    const name = `closed_${String(++databases)}`;
    await server.query(`create database ${name}`);
    return server.url.replace(/\/postgres$/, `/${name}`);
  });
});
