import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readBlocks } from "../docs/blocks.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { findFreePort } from "../servers/free-port.ts";
import { startBackendInDeploy, type BackendStage } from "../support/error-backend.ts";
import { listen, visit, type Answer } from "../support/http.ts";

const available = spawnSync("nginx", ["-v"]).status === 0;

interface Site extends BackendStage {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  readonly published: string;
  /** What the instance answers from now on. */
  instance: {
    release: string | undefined;
    status: number;
    headers: Readonly<Record<string, string>>;
    killed: boolean;
  };
}

/** The server of docs/proxies.md, with this test's addresses and folder. */
async function startSite(): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "intermission-nginx-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const instance: Site["instance"] = { release: "v1.1", status: 200, headers: {}, killed: false };
  const app = await listen(
    createServer((request, response) => {
      if (instance.killed) {
        request.destroy();
        return;
      }
      if (instance.release !== undefined) response.setHeader("X-Release", instance.release);
      response.writeHead(instance.status, { "X-Of-The-App": "yes", ...instance.headers }).end("of the app");
    }),
  );
  onTestFinished(() => app.close());
  const stage = await startBackendInDeploy({ publish: join(folder, "published") });
  await expect.poll(() => stage.backend.published.situation.newest).toBe("v1.1");

  const documented = readBlocks("docs/proxies.md").find(({ check }) => check === "file nginx-server.conf");
  const port = await findFreePort();
  const replaced = (documented?.text ?? "")
    .replaceAll("127.0.0.1:8080", `127.0.0.1:${String(port)}`)
    .replaceAll("127.0.0.1:3000", new URL(app.url).host)
    .replaceAll("127.0.0.1:9200", new URL(stage.backend.url).host)
    .replaceAll("/run/intermission", join(folder, "published"));
  expect(replaced).not.toMatch(/:8080|:3000|:9200|\/run\//);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join("\n");
  const configuration = join(folder, "nginx.conf");
  writeFileSync(
    configuration,
    `daemon off; master_process off; pid ${join(folder, "pid")}; error_log ${join(folder, "error.log")};
events {}
http { access_log off; ${temporary}
${replaced}
}`,
  );
  const nginx = spawn("nginx", ["-p", folder, "-e", join(folder, "error.log"), "-c", configuration], {
    stdio: "ignore",
  });
  onTestFinished(async () => {
    if (nginx.exitCode !== null) return;
    nginx.kill("SIGKILL");
    await once(nginx, "exit");
  });
  const get: Site["get"] = (path, headers = {}) =>
    visit(`http://127.0.0.1:${String(port)}${path}`, { headers });
  await expect
    .poll(
      () =>
        get("/").then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 5000 },
    )
    .toBe(200);
  return { ...stage, instance, get, published: join(folder, "published") };
}

describeWithServer("nginx, as documented", { available, packageName: "nginx" }, () => {
  test("outside of a deploy leaves every answer as it is", async () => {
    const { get, instance, masked } = await startSite();
    instance.status = 500;
    expect(await get("/a")).toMatchObject({
      ...{ status: 500, body: "of the app", headers: { "x-of-the-app": "yes" } },
    });
    expect((await get("/a")).headers["x-release"]).toBeUndefined();
    instance.killed = true;
    expect((await get("/a")).status).toBe(502);
    expect(masked).toEqual([]);
  });

  test("in a deploy sends the page for errors of the old release and for those without one", async () => {
    const { get, instance, intermission, masked, backend } = await startSite();
    const { id } = await intermission.openDeploy({ release: "v1.2", lease: 30_000, wait: false });
    await expect.poll(() => backend.published.situation.active).toBe(true);
    await expect.poll(async () => (await get("/")).status).toBe(200);

    instance.status = 500;
    await expect.poll(async () => (await get("/orders/7?a=b")).headers["x-maintenance"]).toBe("1");
    expect(await get("/b")).toMatchObject({ status: 503, headers: { "retry-after": "60" } });
    instance.killed = true;
    expect((await get("/c")).status).toBe(503);
    expect(masked.map(({ status, path, instanceRelease }) => [status, path, instanceRelease])).toEqual([
      [500, "/orders/7", "v1.1"],
      [500, "/b", "v1.1"],
      [502, "/c", "v1.2"],
    ]);

    Object.assign(instance, { killed: false, status: 503, headers: { "Retry-After": "5" } });
    expect(await get("/d")).toMatchObject({
      ...{ status: 503, headers: { "x-maintenance": "regular", "retry-after": "5" } },
    });
    Object.assign(instance, { headers: { "Retry-After": "60", "X-Maintenance": "deploy" } });
    expect((await get("/e")).headers["x-maintenance"]).toBe("1");
    expect(masked).toHaveLength(3);

    await intermission.closeDeploy({ id, outcome: "succeeded", wait: false });
    instance.headers = {};
    await expect.poll(async () => (await get("/f")).body).toBe("of the app");
  });

  test("no header of a visitor changes what becomes of an error", async () => {
    const { get, instance, intermission, backend, masked } = await startSite();
    await intermission.switchOn({ mode: "errors", exemptPaths: ["/exempt"], wait: false });
    await expect.poll(() => backend.published.situation.active).toBe(true);
    instance.status = 500;
    await expect.poll(async () => (await get("/")).status).toBe(503);
    const forged = {
      ...{
        "x-original-status": "404",
        "x-code": "404",
        "x-original-uri": "/exempt",
        "x-format": "image/png",
      },
      ...{ "x-original-retry-after": "5", "x-original-content-type": "application/grpc" },
      ...{ "x-original-maintenance": "closed", "x-upstream-release": "v9", "x-upstream-addr": "a:1" },
    };
    const { status, headers } = await get("/a", forged);
    expect({ status, headers }).toMatchObject({
      status: 503,
      headers: { "x-maintenance-cause": "manual", "content-type": "text/html; charset=utf-8" },
    });
    expect(masked.at(-1)).toMatchObject({ status: 500, path: "/a", instanceRelease: "v1.1" });
  });

  test("with nobody to ask any more, sends what was published last", async () => {
    const { get, instance, intermission, backend, published } = await startSite();
    await intermission.openDeploy({ release: "v1.2", lease: 30_000, wait: false });
    await expect.poll(() => backend.published.situation.active).toBe(true);
    instance.status = 500;
    await expect.poll(async () => (await get("/")).status).toBe(503);
    await backend.close();
    expect(await get("/a")).toMatchObject({ status: 500, body: "of the app" });
    // As SIGKILL would have left it.
    writeFileSync(join(published, "active"), "");
    const answer = await get("/a");
    expect(answer.status).toBe(503);
    expect(answer.body).toMatch(/^<!doctype html>/);
  });
});
