import { once } from "node:events";
import { simulateDeploy } from "intermission/testing";
import { createApp } from "./app.js";

let deploy;
let findBooks;
let server;

beforeEach(async () => {
  deploy = await simulateDeploy({ from: "v1.0", to: "v1.1" });
  findBooks = async () => [{ title: "Emma" }];
  const app = createApp({ findBooks: () => findBooks(), options: { intermission: deploy.intermission } });
  server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await deploy.close();
});

const visit = (path) =>
  fetch(`http://127.0.0.1:${server.address().port}${path}`, { headers: { accept: "text/html" } });

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
  expect(deploy.masked).toMatchObject([{ path: "/books", status: 500 }]);

  await deploy.rollback();
  expect((await visit("/books")).status).toBe(500);
});
