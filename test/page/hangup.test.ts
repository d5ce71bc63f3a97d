import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { requireBuild } from "../support/built.ts";

const folder = mkdtempSync(join(tmpdir(), "intermission-hangup-"));
const path = join(folder, "page.html");
let app: ChildProcess;
let lines: AsyncIterator<string>;

beforeAll(requireBuild);
beforeEach(async () => {
  writeFileSync(path, "<h1>One</h1>");
  app = spawn(process.execPath, [join(import.meta.dirname, "hangup.js")], {
    env: { ...process.env, MAINTENANCE_TEMPLATE: path },
    stdio: ["ignore", "pipe", "inherit"],
  });
  lines = createInterface(app.stdout!)[Symbol.asyncIterator]();
  expect(await nextLine()).toBe("<h1>One</h1>");
});
afterEach(() => {
  app.kill("SIGKILL");
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function nextLine(): Promise<unknown> {
  return (await lines.next()).value;
}

test("SIGHUP has a template read again, and one that can't be used leaves the one before", async () => {
  writeFileSync(path, "<h1>Two</h1>");
  app.kill("SIGHUP");
  expect(await nextLine()).toBe("<h1>Two</h1>");
  writeFileSync(path, "{{nothing}}");
  app.kill("SIGHUP");
  expect(await nextLine()).toMatch(/^warning page-failed: The template could not be read again/);
  expect(await nextLine()).toBe("<h1>Two</h1>");
});

test("an intermission that is closed leaves SIGHUP as it was: it ends the process", async () => {
  app.kill("SIGUSR2");
  expect(await nextLine()).toBe("closed");
  app.kill("SIGHUP");
  expect(await once(app, "exit")).toEqual([null, "SIGHUP"]);
});
