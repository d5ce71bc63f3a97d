/*
 * One instance of a small library: release v1.0 reads the column `author`, every later one `writer`. Runs in
 * its own process and sends {url} to its parent when it listens.
 */
import process from "node:process";
import express from "express";
import { createIntermission } from "intermission";
import { maintenancePage, rememberErrors } from "intermission/express";
import { openBooks } from "./books.js";

const release = process.env.MAINTENANCE_PAGE_RELEASE ?? process.env.LIBRARY_RELEASE ?? "v1.0";
const books = openBooks(process.env.LIBRARY_DATABASE);

const app = express();
app.set("env", "production");
const intermission = createIntermission({ onWarning: ({ code }) => process.send?.({ warning: code }) });
app.use(maintenancePage({ intermission }));
app.get("/", async (_request, response) => {
  const rows = await books.list(release === "v1.0" ? "author" : "writer");
  response.send(rows.map((row) => row.title).join(", "));
});
app.get("/working", (_request, response) => response.send("works"));
app.get("/health", (_request, response) => response.send("healthy"));
app.get("/bug", () => {
  throw new Error("a bug that has nothing to do with deploys");
});
app.get("/orders/:number", ({ params }) => {
  throw Object.assign(new RangeError(`no order ${params.number}`), { code: "22003" });
});
app.use(rememberErrors());
app.use((error, _request, response, _next) => {
  response.status(500).type("text").send(`raw: ${error.message}`);
});

const server = app.listen(0, "127.0.0.1", () => {
  // A visitor whose connection ends just as they ask again would get no answer.
  server.keepAliveTimeout = 600_000;
  process.send?.({ url: `http://127.0.0.1:${server.address().port}` });
});
process.once("SIGTERM", () => {
  server.close(async () => {
    await Promise.all([books.close(), intermission.close()]);
    process.removeAllListeners("disconnect");
    process.disconnect();
  });
  server.closeIdleConnections();
});
process.once("disconnect", () => process.exit());
