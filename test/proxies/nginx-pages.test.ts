import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { exportPages } from "../../src/cli/page/export.ts";
import { resolveSettings } from "../../src/core/settings/resolve.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { findFreePort } from "../servers/free-port.ts";
import { visit, type Answer } from "../support/http.ts";

const available = spawnSync("nginx", ["-v"]).status === 0;

describeWithServer("nginx, with the exported pages", { available, packageName: "nginx" }, () => {
  let folder: string;
  let get: (headers: Readonly<Record<string, string>>, method?: string) => Promise<Answer>;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "intermission pages-"));
    const { nginx } = await exportPages(resolveSettings({ retryAfter: 90 }, {}), {
      folder: join(folder, "pages"),
      force: false,
      warn: () => undefined,
    });
    const [maps, locations] = nginx.split("# In server { … }");
    const port = await findFreePort();
    // Nothing listens there.
    const upstream = await findFreePort();
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map((name) => `${name}_temp_path "${join(folder, name)}";`)
      .join("\n");
    writeFileSync(
      join(folder, "nginx.conf"),
      `daemon off; master_process off; pid "${join(folder, "pid")}"; error_log "${join(folder, "error.log")}";
events {}
http { access_log off; ${temporary}
${maps ?? ""}
server {
listen 127.0.0.1:${String(port)};
location / { proxy_pass http://127.0.0.1:${String(upstream)}; }
${locations ?? ""}
} }`,
    );
    const child = spawn("nginx", ["-e", join(folder, "error.log"), "-c", join(folder, "nginx.conf")], {
      stdio: "ignore",
    });
    stop = async () => {
      if (child.exitCode === null) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      rmSync(folder, { recursive: true, force: true });
    };
    get = (headers, method = "GET") =>
      visit(`http://127.0.0.1:${String(port)}/orders/7`, { headers, method });
    await vi.waitUntil(
      () =>
        get({}).then(
          ({ status }) => status === 503,
          () => false,
        ),
      { timeout: 5000 },
    );
  });
  afterAll(() => stop());

  test.each([
    ["", "en"],
    ["de-AT,de;q=0.9,en;q=0.8", "de"],
    ["pt-PT,pt;q=0.9", "pt-PT"],
    ["pt-AO", "pt-PT"],
    ["pt", "pt-BR"],
    ["zh-TW,zh;q=0.9", "zh-Hant"],
    ["zh-CN", "zh-Hans"],
    ["sr-Latn-RS", "sr-Latn"],
    ["no", "nb"],
    ["iw", "he"],
    ["den", "en"],
    ["../../etc/passwd", "en"],
  ])("Accept-Language %j gets %s", async (language, file) => {
    const { status, headers, body } = await get({ accept: "text/html,*/*", "accept-language": language });
    expect([status, headers["content-language"]]).toEqual([503, file]);
    expect(body).toContain(`<html lang="${file}"`);
  });

  test.each([
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8"],
    ["application/json", "application/problem+json"],
    ["application/problem+xml", "application/problem+xml"],
    ["text/plain", "text/plain; charset=utf-8"],
    ["*/*", "text/html; charset=utf-8"],
  ])("Accept %s gets %s", async (accept, type) => {
    const { headers } = await get({ accept });
    expect(headers["content-type"]).toBe(type);
  });

  describe("the answer", () => {
    test("has the headers of the page, and is not to be stored", async () => {
      const { headers } = await get({ accept: "text/html" });
      expect(headers).toMatchObject({
        "retry-after": "90",
        "cache-control": "no-store",
        "x-maintenance": "deploy",
        "content-security-policy": expect.stringContaining("script-src 'sha256-") as string,
      });
      expect(headers).not.toHaveProperty("etag");
    });

    test("is the page for a POST too, and has no body for a HEAD", async () => {
      expect((await get({ accept: "text/html" }, "POST")).body).toContain("<html");
      expect(await get({ accept: "text/html" }, "HEAD")).toMatchObject({ status: 503, body: "" });
    });

    test("is whole, whatever the visitor has already", async () => {
      const later = new Date(Date.now() + 86_400_000).toUTCString();
      const { status, body } = await get({ "if-modified-since": later, range: "bytes=0-9" });
      expect([status, body.includes("</html>")]).toEqual([503, true]);
    });
  });
});
