/* The truth table of an instance on v1.0, checked over HTTP for an app in any runtime. */
import assert from "node:assert/strict";

/** What an error becomes: the page, or what the app sent. */
const page = 503;
const regular = 500;

/**
 * @param address The app's.
 * @param deploy An intermission that writes to the app's store.
 * @param outage Of the store: starts with `begin`, ends with `end`.
 */
export async function checkTruths(address, deploy, outage) {
  await expectErrors(address, regular, "nothing is recorded");
  await deploy.createRelease("v1.0");
  await expectErrors(address, regular, "this release is current");
  await deploy.createRelease("v1.1");
  await expectErrors(address, page, "another release is current");
  const { status, body } = await visit(address, "/broken", { accept: "application/json" });
  assert.deepEqual([status, JSON.parse(body).status], [503, 503], "JSON is asked for");
  assert.equal((await visit(address, "/broken", { "accept-language": "de" })).language, "de");

  outage.begin();
  await expectErrors(address, page, "the store is down in a deploy");
  outage.end();

  await deploy.rollback("v1.0");
  await expectSoon(address, regular, "the release is rolled back");

  outage.begin();
  await expectErrors(address, regular, "the store is down");
  outage.end();

  const { id } = await deploy.openDeploy({ release: "v1.2", lease: 60_000 });
  await expectSoon(address, page, "a deploy is open");
  await deploy.closeDeploy({ id, outcome: "failed", restore: true });
  await expectSoon(address, regular, "the deploy has failed");

  await deploy.switchOn({ mode: "errors" });
  await expectSoon(address, page, "manual mode is on");
  await deploy.switchOff();
  await expectSoon(address, regular, "manual mode is off");
}

async function expectErrors(address, status, when) {
  for (const path of ["/broken", "/sent"]) {
    const error = await visit(address, path);
    assert.equal(error.status, status, `${when}: ${path}`);
    assert.equal(error.retryAfter !== null, status === page, `${when}: Retry-After of ${path}`);
    assert.equal(error.body.includes("right back"), status === page, `${when}: the page of ${path}`);
  }
  // All at once, like visitors.
  const many = await Promise.all(Array.from({ length: 8 }, () => visit(address, "/broken")));
  assert.deepEqual(
    many.map((answer) => answer.status),
    many.map(() => status),
    `${when}: many at once`,
  );
  const success = await visit(address, "/");
  assert.deepEqual([success.status, success.body], [200, "Hello"], `${when}: a success`);
}

/** Instances learn of some changes only with the next error, or soon after it. */
async function expectSoon(address, status, when) {
  for (let turn = 0; turn < 100; turn++) {
    if ((await visit(address, "/broken")).status === status) break;
  }
  await expectErrors(address, status, when);
}

async function visit(address, path, headers = {}) {
  const response = await fetch(address + path, {
    headers: { accept: "text/html", ...headers },
    signal: AbortSignal.timeout(5000),
  });
  return {
    status: response.status,
    retryAfter: response.headers.get("retry-after"),
    language: response.headers.get("content-language"),
    body: await response.text(),
  };
}
