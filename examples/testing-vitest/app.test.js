import { simulateDeploy } from "intermission/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createApp } from "./app.js";

let deploy;
let findBooks;
let app;

beforeEach(async () => {
  deploy = await simulateDeploy({ from: "v1.0", to: "v1.1" });
  findBooks = async () => [{ title: "Emma" }];
  app = createApp({ findBooks: () => findBooks(), options: { intermission: deploy.intermission } });
});
afterEach(() => deploy.close());

const visit = (path) => app.request(path, { headers: { accept: "text/html" } });

test("before a deploy, an error is an error", async () => {
  findBooks = async () => {
    throw new Error("no such column: author");
  };
  expect((await visit("/books")).status).toBe(500);
});

test("in a deploy, an error is the maintenance page, and a success is untouched", async () => {
  await deploy.begin();
  expect(await (await visit("/books")).json()).toEqual([{ title: "Emma" }]);

  findBooks = async () => {
    throw new Error("no such column: author");
  };
  const page = await visit("/books");
  expect(page.status).toBe(503);
  expect(page.headers.get("retry-after")).toBe("60");
  expect(await page.text()).toContain("right back");
  expect(deploy.masked).toMatchObject([{ path: "/books", error: { message: "no such column: author" } }]);

  await deploy.rollback();
  expect((await visit("/books")).status).toBe(500);
});
