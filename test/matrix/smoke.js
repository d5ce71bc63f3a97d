/*
 * One deploy, seen by one server: node smoke.js <framework>. Runs in a folder where the package is installed, with the
 * store and the release in the environment. Ends with exit code 0 if every answer is right.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { createIntermission } from "intermission";

const servers = {
  "node:http": async () => {
    const { maintenancePage } = await import("intermission/node");
    return createServer(maintenancePage(listener));
  },

  auto: async () => createServer(listener),

  express: async () => {
    const { default: express } = await import("express");
    const { maintenancePage } = await import("intermission/express");
    const app = express();
    app.use(maintenancePage());
    app.get("/", (_request, response) => response.send("Hello"));
    app.get("/broken", () => {
      throw new Error("broken by the deploy");
    });
    return createServer(app);
  },

  fetch: async () => {
    const { maintenancePage } = await import("intermission/fetch");
    const handler = maintenancePage((request) => {
      if (new URL(request.url).pathname === "/") return new Response("Hello");
      throw new Error("broken by the deploy");
    });
    return createServer(async (request, response) => {
      const answer = await handler(new Request(`http://${request.headers.host}${request.url}`)).catch(
        () => new Response("Internal Server Error", { status: 500 }),
      );
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(await answer.text());
    });
  },
};

function listener(request, response) {
  if (request.url === "/") response.end("Hello");
  else response.writeHead(500).end("Internal Server Error");
}

const server = await servers[process.argv[2]]();
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = `http://127.0.0.1:${server.address().port}`;
const deploy = createIntermission({}, { watching: false });

async function expectAnswers(when, brokenStatus) {
  const success = await fetch(address);
  assert.equal(success.status, 200, `${when}: a success has status 200`);
  assert.equal(await success.text(), "Hello", `${when}: a success is untouched`);
  const broken = await fetch(`${address}/broken`);
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
