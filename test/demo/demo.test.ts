import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { built } from "../support/built.ts";
import type { JudgedAnswer } from "../../src/demo/answers.ts";
import type { Demonstration } from "../../src/demo/index.ts";
import { createPanelClient, type PanelClient } from "./panel-client.ts";
import { isRunning } from "./processes.ts";

// Its processes run the built code, so the test does too.
const { startDemonstration } = (await import(
  built("demo/index.js")
)) as typeof import("../../src/demo/index.ts");

function kindsByRelease(answers: readonly JudgedAnswer[]): Record<string, string[]> {
  const kinds: Record<string, Set<string>> = {};
  for (const { release, status, kind, reason } of answers) {
    (kinds[release ?? "none"] ??= new Set()).add([status, kind, reason ?? ""].join(" ").trim());
  }
  return Object.fromEntries(Object.entries(kinds).map(([release, found]) => [release, [...found]]));
}

describe("the demonstration", () => {
  let demonstration: Demonstration;
  let panel: PanelClient;

  beforeAll(async () => {
    demonstration = await startDemonstration({ port: 0, traffic: false });
    panel = createPanelClient(demonstration.siteAddress);
  });
  afterAll(() => demonstration.close());

  async function visits(path: string): Promise<Record<string, string[]>> {
    return kindsByRelease(await panel.visit(path));
  }
  async function done(...actions: Parameters<PanelClient["act"]>[0][]): Promise<void> {
    for (const action of actions)
      expect(await panel.act(action)).toMatchObject({ status: 200, failure: null });
  }

  test("begins with two machines of v1.0 whose errors are regular", async () => {
    const { currentRelease, machines } = await panel.view();
    expect(currentRelease).toBe("v1.0");
    expect(machines.map(({ name, release, inRotation }) => [name, release, inRotation])).toEqual([
      ["web-1", "v1.0", true],
      ["web-2", "v1.0", true],
    ]);
    expect(await visits("/")).toEqual({ "v1.0": ["200 success"] });
    expect(await visits("/broken")).toEqual({ "v1.0": ["500 error release-match"] });
  });

  test("refuses a step before its turn", async () => {
    expect(await panel.act("migrate")).toMatchObject({
      status: 409,
      begun: false,
      failure: "First: Make the new machine.",
    });
  });

  test("changes nothing for visitors when the new machine is made and the release is created", async () => {
    await done("make-machine");
    expect(await visits("/")).toEqual({ "v1.0": ["200 success"] });
    await done("create-release");
    expect((await panel.view()).currentRelease).toBe("v1.1");
    expect(await visits("/")).toEqual({ "v1.0": ["200 success"] });
  });

  test("shows the page in place of what the migration breaks, and nothing else", async () => {
    await done("migrate");
    expect(await visits("/")).toEqual({ "v1.0": ["503 page release-mismatch"], "v1.1": ["200 success"] });
    expect(await visits("/about")).toEqual({ "v1.0": ["200 success"], "v1.1": ["200 success"] });
    const { machines } = await panel.viewWhere((view) => view.machines.some(({ log }) => log !== null));
    expect(machines.find(({ log }) => log !== null)?.log).toContain("no such column: author");
  });

  test("stays right by the last known state while the store is locked", async () => {
    await done("stop-store");
    expect(await visits("/")).toEqual({ "v1.0": ["503 page release-mismatch"], "v1.1": ["200 success"] });
    expect(await visits("/broken")).toEqual({
      "v1.0": ["503 page release-mismatch"],
      "v1.1": ["500 error release-match"],
    });
    expect(await panel.act("roll-back")).toMatchObject({ status: 409, begun: false });
    await done("start-store");
  });

  test("rolls back: the old release works again, and its errors are regular", async () => {
    await done("roll-back");
    expect((await panel.view()).currentRelease).toBe("v1.0");
    expect(await visits("/")).toEqual({ "v1.0": ["200 success"] });
    expect(await visits("/broken")).toEqual({ "v1.0": ["500 error release-match"] });
  });

  test("shows the page for every error in manual mode", async () => {
    await done("manual-on");
    expect(await visits("/broken")).toEqual({ "v1.0": ["503 page manual"] });
    expect(await visits("/")).toEqual({ "v1.0": ["200 success"] });
    await done("manual-off");
    expect(await visits("/broken")).toEqual({ "v1.0": ["500 error release-match"] });
  });

  test("ends the deploy with machines of the new release alone, whose errors are regular", async () => {
    await done("make-machine", "create-release", "migrate", "replace");
    expect(await visits("/")).toEqual({ "v1.2": ["200 success"] });
    expect(await visits("/broken")).toEqual({ "v1.2": ["500 error release-match"] });
  });

  test("rolls back after the old machines were replaced, too", async () => {
    await done("roll-back");
    expect(await visits("/")).toEqual({ "v1.0": ["200 success"] });
  });

  test("says loudly that a release could not be recorded, and goes on", async () => {
    await done("make-machine", "stop-store");
    expect(await panel.act("create-release")).toMatchObject({
      status: 500,
      done: false,
      failure: expect.stringContaining("database is locked") as string,
    });
    const { terminal, story } = await panel.view();
    expect(terminal.at(-1)?.text).toBe("[exit code 1]");
    expect(story.stepsDone).toBe(1);
    await done("start-store", "create-release");
  });

  test("starts a machine again that crashed", async () => {
    const { machines } = await panel.view();
    const processId = machines[0]?.processId ?? 0;
    process.kill(processId, "SIGKILL");
    await panel.viewWhere((view) => view.machines[0]?.status === "crashed");
    const view = await panel.viewWhere(({ machines: [first] }) => first?.status === "running");
    expect(view.machines[0]?.processId).not.toBe(processId);
  });

  test("starts over", async () => {
    await done("start-over");
    const { story, currentRelease, totals, machines } = await panel.view();
    expect(story).toMatchObject({ stepsDone: 0, oldRelease: "v1.0", newRelease: "v1.1" });
    expect(currentRelease).toBe("v1.0");
    expect(totals).toEqual({ success: 0, page: 0, error: 0 });
    expect(machines.map(({ name }) => name)).toEqual(["web-1", "web-2"]);
  });

  test("answers only to names of this machine", async () => {
    const asked = request(demonstration.siteAddress, { headers: { host: "evil.example" } }).end();
    const [answer] = (await once(asked, "response")) as [{ statusCode: number; resume(): void }];
    answer.resume();
    expect(answer.statusCode).toBe(421);
  });

  test("lets no other site press its buttons", async () => {
    const address = new URL("/-/actions/start-over", demonstration.siteAddress);
    const answer = await fetch(address, { method: "POST", headers: { origin: "https://evil.example" } });
    expect(answer.status).toBe(403);
    expect((await fetch(address)).status).toBe(404);
    expect((await fetch(new URL("/-/actions/constructor", address), { method: "POST" })).status).toBe(404);
  });

  test("leaves no process and no file behind", async () => {
    const processIds = demonstration.processIds();
    expect(processIds.length).toBe(2);
    expect(processIds.every(isRunning)).toBe(true);
    await demonstration.close();
    expect(processIds.filter(isRunning)).toEqual([]);
    expect(existsSync(demonstration.folder)).toBe(false);
    await expect(fetch(demonstration.siteAddress)).rejects.toThrow();
  });
});

test("no visitor sees a raw error in a deploy and its rollback", async () => {
  const demonstration = await startDemonstration({ port: 0, traffic: false });
  try {
    const panel = createPanelClient(demonstration.siteAddress);
    const played = new AbortController();
    const statuses = new Map<number, number>();
    const visitor = async (): Promise<void> => {
      while (!played.signal.aborted) {
        const answer = await fetch(demonstration.siteAddress, { headers: { accept: "text/html" } });
        await answer.arrayBuffer();
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      }
    };
    const visitors = [visitor(), visitor()];
    const deploy = ["make-machine", "create-release", "migrate"] as const;
    for (const action of [...deploy, "roll-back", ...deploy, "replace", "roll-back"] as const) {
      expect(await panel.act(action)).toMatchObject({ failure: null });
    }
    played.abort();
    await Promise.all(visitors);
    expect([...statuses.keys()].sort()).toEqual([200, 503]);
    expect(statuses.get(503)).toBeGreaterThan(10);
  } finally {
    await demonstration.close();
  }
}, 60_000);

test("it can be closed while an action is under way", async () => {
  const demonstration = await startDemonstration({ port: 0, traffic: false });
  const panel = createPanelClient(demonstration.siteAddress);
  await panel.act("make-machine");
  const outcome = panel.act("create-release").catch(() => undefined);
  await panel.viewWhere(({ busy }) => busy === "create-release");
  const processIds = demonstration.processIds();
  expect(processIds).toHaveLength(4);
  await demonstration.close();
  await outcome;
  expect([...processIds, ...demonstration.processIds()].filter(isRunning)).toEqual([]);
  expect(existsSync(demonstration.folder)).toBe(false);
});

test("a port that is taken is refused with what to do about it", async () => {
  const first = await startDemonstration({ port: 0, traffic: false });
  try {
    const port = Number(new URL(first.siteAddress).port);
    await expect(startDemonstration({ port })).rejects.toThrow(/can't be used.*--port/s);
  } finally {
    await first.close();
  }
});

describe("intermission demo", () => {
  let temporary = "";
  let command: ChildProcess;
  let processIds: readonly number[] = [];

  beforeEach(async () => {
    temporary = mkdtempSync(join(tmpdir(), "intermission-demo-test-"));
    command = spawn(process.execPath, [built("cli/main.js"), "demo", "--port", "0"], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const panel = createPanelClient(await printedAddress(command));
    // The traffic runs from the start.
    const view = await panel.viewWhere(({ totals }) => totals.success >= 2);
    processIds = view.machines.flatMap(({ processId }) => processId ?? []);
    expect(processIds.filter(isRunning)).toHaveLength(2);
  });
  afterEach(() => {
    command.kill("SIGKILL");
    rmSync(temporary, { recursive: true, force: true });
  });

  test.each(["SIGINT", "SIGTERM"] as const)("tidies up on %s within 5 s", async (signal) => {
    const startedAt = performance.now();
    command.kill(signal);
    expect(await once(command, "exit")).toEqual([0, null]);
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(processIds.filter(isRunning)).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test("leaves no process behind when it is killed", async () => {
    command.kill("SIGKILL");
    await once(command, "exit");
    await expect.poll(() => processIds.filter(isRunning), { timeout: 5000 }).toEqual([]);
  });
});

test("Ctrl-C while it starts leaves nothing behind", async () => {
  const temporary = mkdtempSync(join(tmpdir(), "intermission-demo-test-"));
  const command = spawn(process.execPath, [built("cli/main.js"), "demo", "--port", "0"], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await once(command.stdout, "data");
    command.kill("SIGINT");
    expect(await once(command, "exit")).toEqual([0, null]);
    expect(readdirSync(temporary)).toEqual([]);
  } finally {
    command.kill("SIGKILL");
    rmSync(temporary, { recursive: true, force: true });
  }
});

async function printedAddress(command: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: command.stdout as NonNullable<typeof command.stdout> })) {
    const address = /The site\s+(http:\S+)/.exec(line)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error("The command printed no address.");
}
