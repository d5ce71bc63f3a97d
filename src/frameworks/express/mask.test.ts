import type { RequestListener } from "node:http";
import Database from "libsql";
import express from "express";
import { afterEach, expect, test } from "vitest";
import { midDeploy } from "../../../test/support/deploy-window.ts";
import { listen, visit, type RunningServer } from "../../../test/support/http.ts";
import type { IntermissionOptions } from "../../core/settings/options.ts";
import { schemaErrors } from "../../core/schema-errors.ts";
import { maintenancePage, rememberErrors } from "./index.ts";

const running: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

/** An old instance during a deploy whose migration has renamed a column. */
async function serve(options: IntermissionOptions): Promise<(path: string) => Promise<number>> {
  const database = new Database(":memory:");
  database.exec("create table book (title text, writer text)");
  const app = express().set("env", "test");
  app.use(maintenancePage({ intermission: await midDeploy(options) }));
  app.get("/books", () => database.prepare("select author from book").all());
  app.get("/bug", () => {
    throw new TypeError("title is not a function");
  });
  app.get("/sent", (_, response) => void response.sendStatus(500));
  app.use(rememberErrors());
  const server = await listen(app as RequestListener);
  running.push(server);
  return async (path) => (await visit(server.url + path)).status;
}

test("a team that wants only errors of the schema masked gets just those", async () => {
  const statusOf = await serve({ mask: schemaErrors });
  expect(await statusOf("/books")).toBe(503);
  expect(await statusOf("/bug")).toBe(500);
  // No error is known.
  expect(await statusOf("/sent")).toBe(500);
});

test("what is masked can depend on the response too", async () => {
  const statusOf = await serve({ mask: (_, { path }) => path === "/sent" });
  expect(await statusOf("/books")).toBe(500);
  expect(await statusOf("/sent")).toBe(503);
});

test("a mask that throws masks, and is warned of", async () => {
  const codes: string[] = [];
  const statusOf = await serve({
    mask: () => {
      throw new Error("no");
    },
    onWarning: ({ code }) => codes.push(code),
  });
  expect(await statusOf("/bug")).toBe(503);
  expect(codes).toEqual(["callback-failed"]);
});

test("manual mode masks whatever the error is", async () => {
  const statusOf = await serve({ mask: () => false, mode: true });
  expect(await statusOf("/bug")).toBe(503);
});
