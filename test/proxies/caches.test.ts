import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { maintenancePage } from "../../src/frameworks/node/index.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { findFreePort } from "../servers/free-port.ts";
import { isNginxAvailable, startNginx } from "../servers/nginx.ts";
import type { ProxyProcess } from "../servers/proxy-process.ts";
import { isSquidAvailable, startSquid, type CacheOptions } from "../servers/squid.ts";
import { isTrafficServerAvailable, startTrafficServer } from "../servers/trafficserver.ts";
import { isVarnishAvailable, startVarnish } from "../servers/varnish.ts";
import { midDeploy } from "../support/deploy-window.ts";
import { listen, visit } from "../support/http.ts";

interface Cache {
  readonly name: string;
  readonly packageName: string;
  readonly available: boolean;
  start(options: CacheOptions): Promise<ProxyProcess>;
  /** Set up to answer an error from what it has. Left out: it does so by itself, as the app allows. */
  startForgiving?(options: CacheOptions): Promise<ProxyProcess>;
}

/** @param more Directives of the location. */
function startNginxCache({ folder, port, app }: CacheOptions, more = ""): Promise<ProxyProcess> {
  return startNginx({
    ...{ folder, port },
    configuration: `proxy_cache_path ${join(folder, "cache")} keys_zone=kept:1m;
      server { listen 127.0.0.1:${String(port)};
        location / { proxy_pass http://127.0.0.1:${String(app)}; proxy_cache kept; ${more} } }`,
  });
}

/** Each caches as it does out of the box. */
const caches: readonly Cache[] = [
  {
    ...{ name: "nginx", packageName: "nginx", available: isNginxAvailable() },
    start: (options) => startNginxCache(options),
    startForgiving: (options) => startNginxCache(options, "proxy_cache_use_stale http_500 http_503;"),
  },
  {
    ...{ name: "Varnish", packageName: "varnish", available: isVarnishAvailable() },
    start: ({ folder, port, app }) =>
      startVarnish({
        ...{ folder, port },
        configuration: `vcl 4.1; backend app { .host = "127.0.0.1"; .port = "${String(app)}"; }`,
      }),
    startForgiving: ({ folder, port, app }) =>
      startVarnish({
        ...{ folder, port },
        configuration: `vcl 4.1; backend app { .host = "127.0.0.1"; .port = "${String(app)}"; }
          sub vcl_backend_response {
            if (beresp.status >= 500 && bereq.is_bgfetch) { return (abandon); }
            set beresp.grace = 10m;
          }`,
      }),
  },
  {
    ...{ name: "Squid", packageName: "squid", available: isSquidAvailable() },
    start: startSquid,
  },
  {
    ...{ name: "Apache Traffic Server", packageName: "trafficserver", available: isTrafficServerAvailable() },
    start: startTrafficServer,
    startForgiving: (options) =>
      startTrafficServer({
        ...options,
        records: ["proxy.config.http.negative_revalidating_enabled INT 1"],
      }),
  },
];

/** How apps tell caches to keep an answer, each cache having a header of its own. */
const keep: readonly Readonly<Record<string, string>>[] = [
  { "cache-control": "public, max-age=600" },
  { "cache-control": "public, s-maxage=600, stale-while-revalidate=600" },
  { expires: new Date(Date.now() + 600_000).toUTCString() },
  { "x-accel-expires": "600", "cache-control": "max-age=600" },
  { "surrogate-control": "max-age=600", "cdn-cache-control": "max-age=600", "cache-control": "max-age=600" },
  { "cache-control": "max-age=600", etag: '"1"', "last-modified": new Date(0).toUTCString(), age: "0" },
];

/** How a site allows its caches to answer an error from what they have. */
const forgiving = {
  "cache-control": "public, max-age=1, stale-if-error=600",
  etag: '"1"',
  "last-modified": new Date(Date.now() - 3_600_000).toUTCString(),
};

for (const { name, start, startForgiving = start, ...server } of caches) {
  describeWithServer(name, server, () => {
    /** An app behind the cache, with the page in a deploy. Stopped with the test. */
    async function startSite(
      app: RequestListener,
      options: { readonly start: Cache["start"]; readonly statusCode?: number | "original" },
    ): Promise<(path: string) => ReturnType<typeof visit>> {
      const folder = mkdtempSync(join(tmpdir(), "intermission-cache-"));
      chmodSync(folder, 0o755);
      onTestFinished(() => {
        rmSync(folder, { recursive: true, force: true });
      });
      const intermission = await midDeploy({ statusCode: options.statusCode });
      onTestFinished(() => intermission.close());
      const { url, close } = await listen(createServer(maintenancePage(app, { intermission })));
      onTestFinished(close);
      const port = await findFreePort();
      const proxy = await options.start({ folder, port, app: Number(new URL(url).port) });
      onTestFinished(() => proxy.stop());
      return (path) =>
        visit(`http://127.0.0.1:${String(port)}${path}`, { headers: { host: "app", accept: "text/html" } });
    }

    test("keeps what it is told to keep, and never the page past the deploy", async () => {
      let broken = true;
      let asked = 0;
      const get = await startSite(
        ({ url = "" }, response) => {
          const headers = keep[Number(url.slice(-1))] ?? {};
          response.writeHead(broken && !url.startsWith("/works") ? 500 : 200, headers);
          response.end(String(++asked));
        },
        { start },
      );

      // A success with these headers is kept, or this test would show nothing.
      const works = await get("/works/0");
      const again = await get("/works/0");
      expect([works.status, works.body, again.body]).toEqual([200, "1", "1"]);

      const paths = keep.map((_, index) => `/broken/${String(index)}`);
      for (const path of paths) {
        const { status, headers } = await get(path);
        expect([path, status, headers["x-maintenance"]]).toEqual([path, 503, "deploy"]);
        expect(headers["cache-control"]).toBe("no-store");
      }
      broken = false;
      for (const path of paths) expect([path, (await get(path)).status]).toEqual([path, 200]);
    });

    test.each([503, "original"] as const)(
      "answers from what it has while the app fails, where the site allows it: page with status %s",
      async (statusCode) => {
        let failures = 0;
        let broken = false;
        const get = await startSite(
          (_, response) => {
            if (broken) {
              failures++;
              response.writeHead(500).end("broken");
            } else {
              response.writeHead(200, forgiving).end("kept");
            }
          },
          { start: startForgiving, statusCode },
        );
        expect((await get("/")).body).toBe("kept");
        broken = true;
        // At first the copy is fresh, and the app is not asked.
        await expect
          .poll(
            async () => {
              const { status, body } = await get("/");
              expect({ status, body }).toEqual({ status: 200, body: "kept" });
              return failures;
            },
            { timeout: 10_000, interval: 100 },
          )
          .toBeGreaterThan(1);
      },
    );
  });
}
