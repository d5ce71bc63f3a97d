import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Intermission } from "../core/intermission.ts";
import type { Store } from "../core/ports.ts";
import { createIntermission } from "./create.ts";
import { memoryStore } from "../stores/memory/index.ts";
import { createFakeClock, type FakeClock } from "../testing/fake-clock.ts";

const lease = 30_000;

let clock: FakeClock;
let store: Store;
const started: Intermission[] = [];

beforeEach(() => {
  clock = createFakeClock();
  const inner = memoryStore();
  store = {
    read: async (...parameters) => ({ ...(await inner.read(...parameters)), now: clock.now() }),
    write: inner.write.bind(inner),
    close: () => inner.close(),
  };
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((intermission) => intermission.close()));
});

function machine(release: string, by = "ann@ci"): Intermission {
  const intermission = createIntermission({ store, release }, { environment: {}, clock, by });
  started.push(intermission);
  return intermission;
}

/** Two releases with v1.1 current, as before a deploy of v1.2. */
async function recorded(): Promise<Intermission> {
  const deploying = machine("v1.2");
  await deploying.createRelease("v1.0", { wait: false });
  await deploying.createRelease("v1.1", { wait: false });
  return deploying;
}

const reasonOn = async (instance: Intermission): Promise<string> => {
  await clock.advance(1000);
  await instance.decide();
  await clock.advance(0);
  return (await instance.decide()).reason;
};

describe("a deploy", () => {
  test("masks errors of every instance from the return of openDeploy until it is closed", async () => {
    const deploying = await recorded();
    const [old, fresh] = [machine("v1.1"), machine("v1.2")];
    await Promise.all([old.ready(), fresh.ready()]);
    const opening = deploying.openDeploy({ lease });
    await clock.advance(1025);
    const { id, ...opened } = await opening;
    expect(opened).toMatchObject({ release: "v1.2", outcome: "recorded", previousRelease: "v1.1" });
    expect((await fresh.decide()).verdict).toBe("maintenance");
    expect((await old.decide()).verdict).toBe("maintenance");

    expect(await deploying.closeDeploy({ id, outcome: "succeeded" })).toMatchObject({
      release: "v1.2",
      outcome: "succeeded",
      openedBy: "ann@ci",
      currentRelease: "v1.2",
      previousRelease: "v1.1",
      restoredRelease: null,
    });
    expect(await reasonOn(fresh)).toBe("release-match");
    expect(await reasonOn(old)).toBe("release-mismatch");
  });

  test("masks nothing any more once its lease has run out, without a look at the store", async () => {
    const deploying = await recorded();
    const fresh = machine("v1.2");
    await fresh.ready();
    await deploying.openDeploy({ lease, wait: false });
    expect(await reasonOn(fresh)).toBe("deploy-open");
    await clock.advance(lease);
    expect(await reasonOn(fresh)).toBe("release-match");
    expect((await deploying.status()).deploy).toMatchObject({ release: "v1.2", leaseLeft: 0 });
  });

  test("lasts as long as it is renewed", async () => {
    const deploying = await recorded();
    const fresh = machine("v1.2");
    const { id } = await deploying.openDeploy({ lease, wait: false });
    for (let second = 0; second < 90; second += 5) {
      await deploying.renewDeploy(id, lease);
      await clock.advance(5000);
    }
    expect((await fresh.status()).deploy).toMatchObject({ by: "ann@ci", leaseLeft: 25_000 });
    expect(await reasonOn(fresh)).toBe("deploy-open");
  });

  test("is noted in the history when it opens and closes, with who it was; its renewals are not", async () => {
    const deploying = await recorded();
    const { id } = await deploying.openDeploy({ lease, wait: false });
    await deploying.renewDeploy(id, lease);
    await deploying.closeDeploy({ id, outcome: "failed", note: "exit 1", restore: true, wait: false });
    const changes = await deploying.history();
    expect(changes.slice(0, 2).map(({ by, what }) => [by, what])).toEqual([
      ["ann@ci", "deploy v1.2 failed (exit 1), rollback v1.1"],
      ["ann@ci", "deploy v1.2 opened"],
    ]);
    expect(changes).toHaveLength(4);
  });

  test("that is taken over is noted too, and so is one that was lost", async () => {
    const deploying = await recorded();
    await deploying.openDeploy({ lease, wait: false });
    const other = machine("v1.3", "bob@home");
    await expect(other.openDeploy({ lease, wait: false })).rejects.toMatchObject({
      code: "deploy-open",
      message: expect.stringContaining("by ann@ci since") as string,
    });
    expect(await other.openDeploy({ lease, takeOver: true, wait: false })).toMatchObject({
      takenOver: { release: "v1.2", by: "ann@ci" },
      lost: null,
    });
    await clock.advance(lease);
    expect(await machine("v1.4").openDeploy({ lease, wait: false })).toMatchObject({
      takenOver: null,
      lost: { release: "v1.3", by: "bob@home" },
    });
    expect((await deploying.history()).slice(0, 2).map(({ what }) => what)).toEqual([
      "deploy v1.3 was lost; deploy v1.4 opened",
      "deploy v1.2 taken over; deploy v1.3 opened",
    ]);
  });

  test("that restores returns only once every instance knows", async () => {
    const deploying = await recorded();
    const { id } = await deploying.openDeploy({ lease, wait: false });
    let returned = false;
    const closing = deploying.closeDeploy({ id, outcome: "failed", restore: true }).then((result) => {
      returned = true;
      return result;
    });
    await clock.advance(1024);
    expect(returned).toBe(false);
    await clock.advance(1);
    expect(await closing).toMatchObject({ currentRelease: "v1.1", restoredRelease: "v1.1" });
  });

  test("of another release than the one that is named is not closed", async () => {
    const deploying = await recorded();
    await deploying.openDeploy({ lease, wait: false });
    await expect(deploying.closeDeploy({ release: "v9", outcome: "failed" })).rejects.toMatchObject({
      code: "deploy-gone",
    });
    expect((await deploying.status()).deploy).toMatchObject({ release: "v1.2" });
  });
});
