import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { delimiter, dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { version } from "../../src/reports/version.ts";
import { nodesFrom, runs, thisNode, toProgram } from "../built/nodes.ts";
import { createPanelClient } from "../demo/panel-client.ts";
import { installNode } from "../matrix/nodes.js";
import { lend, pack, type Consumer, type Packed } from "./packed.ts";

/** Those that the matrix names, else the one that runs this and the newest. */
const nodes =
  process.env["BUILT_NODES"] === undefined
    ? [thisNode, toProgram((await installNode(26)).path)]
    : nodesFrom(20, 19);

let packed: Packed;
beforeAll(async () => {
  packed = await pack();
});
afterAll(() => {
  packed.remove();
});

describe.each(nodes)("npx intermission demo on Node $major", (node) => {
  /** The first of this name, for npx and for the command itself. */
  const path = `${dirname(node.path)}${delimiter}${process.env["PATH"] ?? ""}`;
  const hasSqlite = runs(node, 22, 13);

  test("imports, requires, and runs the command", async () => {
    const consumer = await packed.consumer({
      "main.mjs": `
        import { createRequire } from "node:module";
        import { createIntermission, memoryStore } from "intermission";
        const required = createRequire(import.meta.url)("intermission");
        console.log(process.versions.node.split(".")[0], required.createIntermission === createIntermission);
        const intermission = createIntermission({ store: memoryStore(), release: "v1.0" });
        await intermission.createRelease("v1.1", { wait: false });
        console.log((await intermission.decide()).verdict);
        await intermission.close();`,
    });
    const story = await consumer.run(node.path, "main.mjs");
    expect(story).toMatchObject({ code: 0, stdout: `${String(node.major)} true\nmaintenance\n` });
    const command = await consumer.run(node.path, "node_modules/intermission/dist/cli/main.js", "--version");
    expect(command).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  if (!hasSqlite) {
    test("says in one sentence what it needs, if that is missing", async () => {
      const consumer = await packed.consumer({});
      const { ended, said } = start(consumer);
      expect(await ended).toBe(1);
      expect(said().trim().split("\n")).toEqual([expect.stringMatching(/libsql.*`npm install libsql`/)]);
    });
  }

  test("plays a deploy until the page is shown", async () => {
    const consumer = await packed.consumer({});
    if (!hasSqlite) lend(consumer, "libsql");
    const { child, ended, said } = start(consumer);
    onTestFinished(async () => {
      process.kill(-(child.pid ?? 0), "SIGINT");
      await ended;
    });
    await expect.poll(said, { timeout: 60_000 }).toContain("Ctrl-C");
    const [panel = ""] = /http:\S+panel/.exec(said()) ?? [];
    expect(await (await fetch(panel)).text()).toContain("<!doctype html>");
    const { act } = createPanelClient(panel);
    for (const action of ["make-machine", "create-release", "migrate"] as const)
      expect(await act(action)).toMatchObject({ status: 200, failure: null });
    const visit = async (): Promise<string> => {
      const answer = await fetch(new URL("/", panel), { headers: { accept: "text/html" } });
      return `${String(answer.status)} ${await answer.text()}`;
    };
    await expect.poll(visit, { timeout: 30_000 }).toMatch(/^503 [^]*right back/);
  });

  function start({ folder }: Consumer): {
    readonly child: ChildProcess;
    readonly ended: Promise<number | null>;
    said(): string;
  } {
    const child = spawn("npx", ["--no-install", "intermission", "demo", "--port", "0"], {
      cwd: folder,
      // npx, and what it starts.
      detached: true,
      env: { ...process.env, PATH: path },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (said += text));
    const ended = once(child, "close").then(([code]) => code as number | null);
    return { child, ended, said: () => said };
  }
});
