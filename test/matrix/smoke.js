/*
 * One deploy, seen by one server: node smoke.js <row>, counted from 0 in the matrix.js beside it. Runs in a
 * folder where the package is installed, with the store and the release in the environment. Exits with 0 if
 * every answer is right.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createIntermission } from "intermission";
import { rows } from "./matrix.js";

/**
 * How to ask a server, and how it answers. `regular`: the status of an error. `words`: text only in the page.
 */
const web = {
  success: "/",
  hello: "Hello",
  failing: "/broken",
  regular: 500,
  words: "right back",
  // A framework whose own error is JSON would get the page as JSON.
  accept: "text/html",
};

const row = rows[process.argv[2]];
const { success, hello, failing, regular, words, accept } = { ...web, ...row.way };
const server = await row.createServer();
if (!server.listening) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
}
const address = `http://127.0.0.1:${server.address().port}`;
const deploy = createIntermission({}, { watching: false });

async function expectAnswers(when, brokenStatus) {
  const greeting = await fetch(address + success);
  assert.equal(greeting.status, 200, `${when}: a success has status 200`);
  assert.equal((await greeting.text()).trim(), hello, `${when}: a success is untouched`);
  const broken = await fetch(address + failing, { headers: { accept } });
  const body = await broken.text();
  assert.equal(broken.status, brokenStatus, `${when}: an error has status ${brokenStatus}`);
  assert.equal(body.includes(words), brokenStatus === 503, `${when}: whether the page is shown`);
  assert.equal(
    broken.headers.has("retry-after"),
    brokenStatus === 503,
    `${when}: whether Retry-After is set`,
  );
}

await deploy.createRelease("v1.0");
await expectAnswers("before the deploy", regular);
await deploy.createRelease("v1.1");
await expectAnswers("in the deploy window", 503);
await deploy.rollback("v1.0");
// The page uses what is known and revalidates in the background: the next error, or one soon after, is
// regular again.
for (let count = 0; count < 100; count++) {
  if ((await fetch(address + failing)).status === regular) break;
}
await expectAnswers("after the rollback", regular);

await deploy.close();
server.closeAllConnections();
server.close();
