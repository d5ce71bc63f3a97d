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
}

/** Each caches as it does out of the box. */
const caches: readonly Cache[] = [
  {
    ...{ name: "nginx", packageName: "nginx", available: isNginxAvailable() },
    start: ({ folder, port, app }) =>
      startNginx({
        ...{ folder, port },
        configuration: `proxy_cache_path ${join(folder, "cache")} keys_zone=kept:1m;
          server { listen 127.0.0.1:${String(port)};
            location / { proxy_pass http://127.0.0.1:${String(app)}; proxy_cache kept; } }`,
      }),
  },
  {
    ...{ name: "Varnish", packageName: "varnish", available: isVarnishAvailable() },
    start: ({ folder, port, app }) =>
      startVarnish({
        ...{ folder, port },
        configuration: `vcl 4.1; backend app { .host = "127.0.0.1"; .port = "${String(app)}"; }`,
      }),
  },
  {
    ...{ name: "Squid", packageName: "squid", available: isSquidAvailable() },
    start: startSquid,
  },
  {
    ...{ name: "Apache Traffic Server", packageName: "trafficserver", available: isTrafficServerAvailable() },
    start: startTrafficServer,
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

for (const { name, start, ...server } of caches) {
  describeWithServer(name, server, () => {
    test("keeps what it is told to keep, and never the page past the deploy", async () => {
      const folder = mkdtempSync(join(tmpdir(), "intermission-cache-"));
      chmodSync(folder, 0o755);
      onTestFinished(() => {
        rmSync(folder, { recursive: true, force: true });
      });
      const intermission = await midDeploy();
      onTestFinished(() => intermission.close());
      let broken = true;
      let asked = 0;
      const app: RequestListener = ({ url = "" }, response) => {
        const headers = keep[Number(url.slice(-1))] ?? {};
        response.writeHead(broken && !url.startsWith("/works") ? 500 : 200, headers);
        response.end(String(++asked));
      };
      const { url, close } = await listen(createServer(maintenancePage(app, { intermission })));
      onTestFinished(close);
      const port = await findFreePort();
      const proxy = await start({ folder, port, app: Number(new URL(url).port) });
      onTestFinished(() => proxy.stop());
      const get = (path: string) =>
        visit(`http://127.0.0.1:${String(port)}${path}`, { headers: { host: "app", accept: "text/html" } });

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
  });
}
