/*
 * One deploy, seen by one server: node smoke.js <row>, counted from 0 in the matrix.js beside it. Runs in a folder where
 * the package is installed, with the store and the release in the environment. Ends with exit code 0 if every answer is right.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createIntermission } from "intermission";
import { rows } from "./matrix.js";

const server = await rows[process.argv[2]].createServer();
if (!server.listening) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
}
const address = `http://127.0.0.1:${server.address().port}`;
const deploy = createIntermission({}, { watching: false });

async function expectAnswers(when, brokenStatus) {
  const success = await fetch(address);
  assert.equal(success.status, 200, `${when}: a success has status 200`);
  assert.equal(await success.text(), "Hello", `${when}: a success is untouched`);
  // A framework whose own error is JSON has the page as JSON otherwise.
  const broken = await fetch(`${address}/broken`, { headers: { accept: "text/html" } });
  const body = await broken.text();
  assert.equal(broken.status, brokenStatus, `${when}: an error has status ${brokenStatus}`);
  assert.equal(body.includes("right back"), brokenStatus === 503, `${when}: whether the page is shown`);
  assert.equal(
    broken.headers.has("retry-after"),
    brokenStatus === 503,
    `${when}: whether Retry-After is set`,
  );
}

await deploy.createRelease("v1.0");
await expectAnswers("before the deploy", 500);
await deploy.createRelease("v1.1");
await expectAnswers("in the deploy window", 503);
await deploy.rollback("v1.0");
// The page goes by what is known and asks the store behind it: the next error, or one soon after, is regular again.
for (let count = 0; count < 100; count++) {
  if ((await fetch(`${address}/broken`)).status === 500) break;
}
await expectAnswers("after the rollback", 500);

await deploy.close();
server.closeAllConnections();
server.close();
