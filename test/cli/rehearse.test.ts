import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createBypassKey } from "../../src/core/bypass.ts";
import { systemClock } from "../../src/core/runtime.ts";
import { createRehearsalId, evidenceHeader, openEvidence, signRehearsal } from "../../src/core/rehearsal.ts";
import { beginRehearsal, endRehearsal } from "../../src/core/state/rehearsals.ts";
import { updateState } from "../../src/engine/state/update.ts";
import { maintenancePage as fetchPage } from "../../src/frameworks/fetch/index.ts";
import { rehearsalHeader } from "../../src/http/headers.ts";
import { createIntermission } from "../../src/engine/create.ts";
import { openStore } from "../../src/stores/open.ts";
import { startTestGateway } from "../support/gateway.ts";
import { visit, type Answer } from "../support/http.ts";
import { built } from "../support/built.ts";
import { findFreePort } from "../servers/free-port.ts";
import { isNginxAvailable, startNginx } from "../servers/nginx.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { cliPath, runCli, temporaryFolder } from "./run-cli.ts";
import { place, rehearse, instance, expressApp, serve, rehearsalsIn } from "../support/rehearsal.ts";

test("the page comes through Express, to the one request and to nobody else, and nothing stays", async () => {
  const here = await place();
  const { url } = await expressApp(await instance(here.store));
  const others: Answer[] = [];
  let isOver = false as boolean;
  const traffic = (async () => {
    while (!isOver) others.push(...(await Promise.all([visit(url), visit(`${url}/a`), visit(`${url}/b`)])));
  })();
  const { exitCode, ...report } = await rehearse(here, `${url}/`);
  isOver = true;
  await traffic;
  expect({ exitCode, ...report }).toMatchObject({ exitCode: 0, ok: true, reason: null });
  expect(report.answers).toMatchObject([
    { status: 503, contentType: "text/html; charset=utf-8", instance: { release: "v1.0", role: "instance" } },
  ]);
  expect(others.length).toBeGreaterThan(20);
  expect(new Set(others.map(({ status, body }) => `${String(status)} ${body}`))).toEqual(
    new Set(["200 the app"]),
  );
  expect(await rehearsalsIn(here.store)).toBeUndefined();
  const { stdout } = await runCli(["rehearse", url, "--store", here.store], { cwd: here.cwd });
  expect(stdout).toMatch(/^503 {2}text\/html[^]*The page came as it should/);
}, 60_000);

test("it comes through a Fetch handler, in the format that is asked for, from each of several instances", async () => {
  const here = await place();
  const intermissions = [await instance(here.store), await instance(here.store)];
  const handlers = intermissions.map((intermission) =>
    fetchPage(() => new Response("the app"), { intermission }),
  );
  let turn = 0;
  const url = await serve(
    createServer((request, response) => {
      const handler = handlers[turn++ % 2]!;
      const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]);
      void handler(new Request(`http://app.test${request.url ?? "/"}`, { headers })).then(async (answer) => {
        response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
      });
    }),
  );
  const { exitCode, answers, reason } = await rehearse(here, url, "--count", "4", "--accept", "json");
  expect({ exitCode, reason }).toEqual({ exitCode: 0, reason: null });
  expect(answers.map(({ contentType }) => contentType)).toEqual(Array(4).fill("application/problem+json"));
  expect(new Set(answers.map(({ instance: one }) => one?.process)).size).toBe(2);
}, 60_000);

test("it comes through an app that is watched by intermission/auto", async () => {
  const here = await place();
  const child = fork(join(import.meta.dirname, "../auto/server.js"), ["http"], {
    execArgv: ["--import", built("auto/index.js")],
    env: { PATH: process.env["PATH"], MAINTENANCE_STORE: here.store, MAINTENANCE_PAGE_RELEASE: "v1.0" },
    cwd: here.cwd,
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [port] = (await once(child, "message")) as [number];
  const { exitCode, reason } = await rehearse(here, `http://127.0.0.1:${String(port)}/`);
  expect({ exitCode, reason }).toEqual({ exitCode: 0, reason: null });
}, 60_000);

test("the gateway answers for an app that knows nothing of it, and says so", async () => {
  const here = await place();
  const upstream = await serve((_, response) => response.end("the app"));
  const intermission = createIntermission({ store: here.store }, { role: "proxy" });
  const gateway = await startTestGateway([{ url: upstream }], { intermission });
  const { exitCode, reason, answers } = await rehearse(here, gateway.url);
  expect({ exitCode, reason }).toEqual({ exitCode: 0, reason: null });
  expect(answers).toMatchObject([{ instance: { role: "proxy", release: null } }]);
}, 60_000);

describe("says why it is not the page that visitors would get:", () => {
  test("the release is unknown, the address is exempt, or the instance only observes", async () => {
    const here = await place();
    for (const [options, words] of [
      [{ release: undefined }, "does not know its release"],
      [{ exempt: ["/**"] }, "exempt"],
      [{ skip: () => true }, "exempt"],
      [{ observe: true }, "only observes"],
    ] as const) {
      const { url } = await expressApp(await instance(here.store, options));
      const { exitCode, reason } = await rehearse(here, url);
      expect({ exitCode, reason }).toEqual({ exitCode: 1, reason: expect.stringContaining(words) });
    }
  }, 60_000);

  test("nobody is there", async () => {
    const url = `http://127.0.0.1:${String(await findFreePort())}/`;
    const { exitCode, reason } = await rehearse(await place(), url);
    expect({ exitCode, reason }).toMatchObject({
      exitCode: 1,
      reason: expect.stringContaining("ECONNREFUSED"),
    });
  }, 60_000);

  test("the app is without Intermission, has another store, or something in front takes the header out", async () => {
    const [here, elsewhere] = [await place(), await place()];
    const bare = await serve((_, response) => response.end("the app"));
    const { url } = await expressApp(await instance(elsewhere.store));
    const [without, another] = await Promise.all([rehearse(here, bare), rehearse(here, url)]);
    for (const { exitCode, reason } of [without, another])
      expect({ exitCode, reason }).toEqual({
        exitCode: 1,
        reason: expect.stringContaining(`no instance has reported itself to the store`),
      });
  }, 60_000);
});

describeWithServer("behind nginx", { available: isNginxAvailable(), packageName: "nginx" }, () => {
  async function behind(app: string, lines: string): Promise<string> {
    const folder = temporaryFolder();
    const port = await findFreePort();
    const nginx = await startNginx({
      folder,
      port,
      configuration: `proxy_cache_path ${folder}/cache keys_zone=pages:1m;
        server { listen 127.0.0.1:${String(port)}; location / { proxy_pass ${app}; ${lines} } }`,
    });
    onTestFinished(() => nginx.stop());
    return `http://127.0.0.1:${String(port)}/`;
  }

  test("the page comes through compression and a cache, which does not keep it", async () => {
    const here = await place();
    const { url } = await expressApp(await instance(here.store));
    const front = await behind(
      url,
      "proxy_cache pages; gzip on; gzip_proxied any; gzip_min_length 1; proxy_cache_valid any 1m;",
    );
    const { exitCode, reason } = await rehearse(here, front);
    expect({ exitCode, reason }).toEqual({ exitCode: 0, reason: null });
    expect((await visit(front)).body).toBe("the app");
  }, 60_000);

  test("it says what something in front has done", async () => {
    const faults = [
      [
        "proxy_cache pages; proxy_ignore_headers Cache-Control; proxy_cache_valid any 1m;",
        "a cache in front has kept it",
      ],
      ["proxy_hide_header Retry-After;", "the header retry-after is gone"],
      [
        "proxy_hide_header Cache-Control; add_header Cache-Control public always;",
        "cache-control was no-store and came as public",
      ],
      // Bytes of a compressed page are no text to replace.
      [
        `proxy_set_header Accept-Encoding ""; sub_filter_once off; sub_filter '<' '< ';`,
        "its body was changed",
      ],
      [
        "proxy_intercept_errors on; error_page 503 @own; } location @own { add_header X-Maintenance deploy always; return 503 own;",
        "something in front answers by itself",
      ],
      ['proxy_set_header X-Intermission-Rehearsal "";', "takes out the header"],
    ] as const;
    const here = await place();
    const app = await expressApp(await instance(here.store));
    // More than four at once are refused.
    for (const some of [faults.slice(0, 3), faults.slice(3)]) {
      await Promise.all(
        some.map(async ([lines, words]) => {
          const { exitCode, reason } = await rehearse(here, await behind(app.url, lines));
          expect({ lines, exitCode, reason }).toEqual({
            lines,
            exitCode: 1,
            reason: expect.stringContaining(words),
          });
        }),
      );
    }
  }, 60_000);
});

test("a token that is used, forged, expired, of another app or of nobody is an ordinary request", async () => {
  const { store } = await place();
  const intermission = await instance(store);
  const { url } = await expressApp(intermission);
  const opened = openStore(store);
  onTestFinished(() => opened.close());
  const subject = { store: opened, app: "default", clock: systemClock };
  const [id, key] = [createRehearsalId(), createBypassKey()];
  await updateState(subject, (state, now) => beginRehearsal(state, { id, key }, now));
  const ask = (token: string): Promise<Answer> => visit(url, { headers: { [rehearsalHeader]: token } });

  const token = await signRehearsal("default", id, key);
  const first = await expect
    .poll(
      async () => {
        const answer = await ask(await signRehearsal("default", id, key));
        return answer.status;
      },
      { timeout: 10_000 },
    )
    .toBe(503)
    .then(() => ask(token));
  expect(await openEvidence(String(first.headers[evidenceHeader]), token, key)).toMatchObject({
    release: "v1.0",
  });

  for (const other of [
    token,
    `${token.slice(0, -4)}AAAA`,
    await signRehearsal("another", id, key),
    await signRehearsal("default", id, createBypassKey()),
    await signRehearsal("default", createRehearsalId(), key),
    "junk",
    "x".repeat(4000),
  ]) {
    const { status, body, headers } = await ask(other);
    expect({ status, body, evidence: headers[evidenceHeader] }).toEqual({ status: 200, body: "the app" });
  }
  const both = await signRehearsal("default", id, key);
  const statuses = (await Promise.all([ask(both), ask(both), ask(both)])).map(({ status }) => status);
  expect(statuses.toSorted()).toEqual([200, 200, 503]);

  // It expires by the store's time.
  const late = await signRehearsal("default", id, key);
  await updateState(subject, (state) => ({
    state: { ...state, rehearsals: [{ id, key, expiresAt: 1 }] },
  }));
  await expect.poll(() => intermission.gated, { timeout: 10_000 }).toBe(false);
  expect((await ask(late)).body).toBe("the app");
  await updateState(subject, (state, now) => ({ state: endRehearsal(state, id, now) }));
  expect((await ask(await signRehearsal("default", id, key))).body).toBe("the app");
}, 60_000);

test("Ctrl-C while the browser draws ends both, and leaves nothing behind", async () => {
  const { cwd, store } = await place();
  const { url } = await expressApp(await instance(store));
  const [browser, folder] = [join(cwd, "browser"), join(cwd, "pictures")];
  mkdirSync(folder);
  writeFileSync(browser, '#!/bin/sh\necho $$ > "$STARTED"\nexec sleep 60\n', { mode: 0o755 });
  const started = join(cwd, "started");
  const words = ["rehearse", url, "--store", store, "--screenshot", join(folder, "page.png")];
  const env = { PATH: process.env["PATH"], BROWSER_PATH: browser, STARTED: started };
  const child = spawn(process.execPath, [cliPath, ...words], { cwd, env });
  const ended = once(child, "exit");
  await expect.poll(() => existsSync(started), { timeout: 20_000 }).toBe(true);
  expect(readdirSync(folder)).toHaveLength(1);
  child.kill("SIGINT");
  expect(await ended).toEqual([null, "SIGINT"]);
  expect(readdirSync(folder)).toEqual([]);
}, 60_000);

test("wrong usage is refused before anything is asked", async () => {
  const cwd = temporaryFolder();
  for (const words of [
    [],
    ["shop.example"],
    ["ftp://shop.example"],
    ["http://user:hush@shop.example"],
    ["http://127.0.0.1:1/", "--accept", "jsn"],
    ["http://127.0.0.1:1/", "--count", "0"],
    ["http://127.0.0.1:1/", "--count", "1000"],
    ["http://127.0.0.1:1/", "--wait", "1h"],
  ]) {
    const { exitCode, stderr } = await runCli(["rehearse", ...words], { cwd });
    expect({ words, exitCode }).toEqual({ words, exitCode: 2 });
    expect(stderr).not.toContain("hush");
  }
}, 60_000);
