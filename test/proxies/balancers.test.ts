import { createServer, type RequestListener } from "node:http";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createIntermission } from "../../src/engine/create.ts";
import { maintenancePage } from "../../src/frameworks/node/index.ts";
import { memoryStore } from "../../src/stores/memory/index.ts";
import { isApacheAvailable, startApache } from "../servers/apache.ts";
import { isCaddyAvailable, startCaddy } from "../servers/caddy.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { findFreePort } from "../servers/free-port.ts";
import { isHaproxyAvailable, startHaproxy } from "../servers/haproxy.ts";
import { isNginxAvailable, startNginx } from "../servers/nginx.ts";
import type { ProxyProcess } from "../servers/proxy-process.ts";
import { isVarnishAvailable, startVarnish } from "../servers/varnish.ts";
import { listen, visit } from "../support/http.ts";

/** The page's status: no page, the app's own, or the usual one. */
const modes = ["without", "original", "503"] as const;
type Mode = (typeof modes)[number];

/** Where the proxy listens, and the two instances behind it. */
interface Front {
  readonly mode: Mode;
  readonly port: number;
  readonly instances: readonly [old: number, other: number];
}

interface Balancer {
  readonly name: string;
  readonly available: boolean;
  readonly packageName: string;
  /** One process with all fronts, because each start takes a second. */
  start(folder: string, fronts: readonly Front[]): Promise<ProxyProcess>;
  /** Whether a page with 503 has the same effect as the app's own error. */
  readonly takes503: boolean;
  /** What one front's visitors request, one after the other. */
  readonly visits: readonly string[];
  /** Whether the other instance runs the new release, which works. */
  readonly halfway?: true;
}

/** Every third page is broken. */
const everyThird = Array.from({ length: 10 }, () => ["/broken", "/works", "/works"]).flat();
/** From the cache or the other instance, these succeed. */
const saved = Array.from({ length: 6 }, () => "/broken");

function nginx(name: string, takes503: boolean, visits: readonly string[], parts: NginxParts): Balancer {
  return {
    ...{ name: `nginx, ${name}`, available: isNginxAvailable(), packageName: "nginx", takes503, visits },
    ...(visits === saved && parts.cache === undefined ? { halfway: true as const } : {}),
    start: (folder, fronts) =>
      startNginx({
        ...{ folder, port: fronts[0]?.port ?? 0 },
        configuration: [
          `proxy_cache_path ${join(folder, "cache")} keys_zone=kept:1m;`,
          ...fronts.map(({ mode, port, instances }) => {
            const servers = parts.cache === undefined ? instances : instances.slice(0, 1);
            return `upstream app_${mode} { ${servers.map((at) => `server 127.0.0.1:${String(at)} ${parts.server ?? ""};`).join(" ")} }
              server {
                listen 127.0.0.1:${String(port)};
                location / { proxy_pass http://app_${mode}; proxy_cache_key ${mode}$uri; ${parts.location ?? ""} ${parts.cache ?? ""} }
              }`;
          }),
        ].join("\n"),
      }),
  };
}

interface NginxParts {
  readonly server?: string;
  readonly location?: string;
  readonly cache?: string;
}

const balancers: readonly Balancer[] = [
  nginx("as it is", true, everyThird, {}),
  nginx("proxy_next_upstream http_502 http_503 http_504", false, everyThird, {
    location: "proxy_next_upstream error timeout http_502 http_503 http_504;",
  }),
  nginx("proxy_next_upstream http_500", false, saved, {
    server: "max_fails=0",
    location: "proxy_next_upstream error timeout http_500;",
  }),
  nginx("proxy_cache_use_stale http_500", false, saved, {
    cache:
      "proxy_cache kept; proxy_cache_valid 200 1s; proxy_cache_use_stale error timeout http_500; add_header X-Cache $upstream_cache_status always;",
  }),
  {
    ...{ name: "Caddy, unhealthy_status 502 503 504", available: isCaddyAvailable(), packageName: "caddy" },
    ...{ takes503: false, visits: everyThird },
    start: (folder, fronts) =>
      startCaddy({
        ...{ folder, port: fronts[0]?.port ?? 0 },
        configuration: JSON.stringify({
          apps: {
            http: {
              servers: Object.fromEntries(
                fronts.map(({ mode, port, instances }) => [
                  mode,
                  {
                    listen: [`127.0.0.1:${String(port)}`],
                    automatic_https: { disable: true },
                    routes: [
                      {
                        handle: [
                          {
                            handler: "reverse_proxy",
                            health_checks: {
                              passive: {
                                fail_duration: 10_000_000_000,
                                max_fails: 2,
                                unhealthy_status: [502, 503, 504],
                              },
                            },
                            upstreams: instances.map((at) => ({ dial: `127.0.0.1:${String(at)}` })),
                          },
                        ],
                      },
                    ],
                  },
                ]),
              ),
            },
          },
        }),
      }),
  },
  {
    ...{ name: "HAProxy, retry-on 503", available: isHaproxyAvailable(), packageName: "haproxy" },
    // It tries the other instance too, which has no better answer; the page comes all the same.
    ...{ takes503: true, visits: everyThird },
    start: (folder, fronts) =>
      startHaproxy({
        ...{ folder, port: fronts[0]?.port ?? 0 },
        configuration: [
          "defaults\n  mode http\n  retries 1\n  option redispatch 1\n  timeout connect 1s\n  timeout client 10s\n  timeout server 10s",
          ...fronts.map(
            ({ mode, port, instances: [one, other] }) =>
              `listen ${mode}\n  bind 127.0.0.1:${String(port)}\n  retry-on conn-failure 503\n  server a 127.0.0.1:${String(one)}\n  server b 127.0.0.1:${String(other)}`,
          ),
          "",
        ].join("\n"),
      }),
  },
  {
    ...{ name: "Apache, failonstatus=502,503,504", available: isApacheAvailable(), packageName: "apache2" },
    ...{ takes503: false, visits: everyThird },
    start: (folder, fronts) =>
      startApache({
        ...{ folder, port: fronts[0]?.port ?? 0 },
        modules: ["proxy", "proxy_http", "proxy_balancer", "lbmethod_byrequests", "slotmem_shm"],
        configuration: fronts
          .map(
            ({ mode, port, instances }) => `Listen 127.0.0.1:${String(port)}
              <Proxy balancer://${mode}>
                ${instances.map((at) => `BalancerMember http://127.0.0.1:${String(at)}`).join("\n")}
                ProxySet failonstatus=502,503,504
              </Proxy>
              <VirtualHost 127.0.0.1:${String(port)}>
                ProxyPass / balancer://${mode}/
              </VirtualHost>`,
          )
          .join("\n"),
      }),
  },
  {
    ...{ name: "Varnish, as it is", available: isVarnishAvailable(), packageName: "varnish" },
    ...{ takes503: true, visits: everyThird },
    // It listens in one place; the host selects the front.
    start: (folder, fronts) =>
      startVarnish({
        ...{ folder, port: fronts[0]?.port ?? 0 },
        configuration: `vcl 4.1; import directors;
          ${fronts
            .flatMap(({ mode, instances }) =>
              instances.map(
                (at, index) =>
                  `backend b_${mode}_${String(index)} { .host = "127.0.0.1"; .port = "${String(at)}"; }`,
              ),
            )
            .join("\n")}
          sub vcl_init { ${fronts
            .map(
              ({ mode }) =>
                `new d_${mode} = directors.round_robin(); d_${mode}.add_backend(b_${mode}_0); d_${mode}.add_backend(b_${mode}_1);`,
            )
            .join(" ")} }
          sub vcl_recv { ${fronts
            .map(
              ({ mode }) => `if (req.http.host == "${mode}") { set req.backend_hint = d_${mode}.backend(); }`,
            )
            .join(" ")} return (pass); }`,
      }),
  },
];

/** An instance that fails on `/broken` once v2 is recorded, unless it runs v2 itself. */
async function startInstance(
  mode: Mode,
  store: ReturnType<typeof memoryStore>,
  release: string,
): Promise<{ readonly port: number; break(): Promise<void> }> {
  let broken = false;
  const app: RequestListener = ({ url }, response) => {
    if (broken && url === "/broken") response.writeHead(500).end("column is gone");
    else response.end("fine");
  };
  const intermission = createIntermission(
    {
      ...{ store, release, logger: { warn: () => {}, error: () => {} } },
      ...(mode === "original" ? { statusCode: "original" as const } : {}),
    },
    { environment: {} },
  );
  onTestFinished(() => intermission.close());
  await intermission.ready();
  const server = createServer(mode === "without" ? app : maintenancePage(app, { intermission }));
  const { url, close } = await listen(server);
  onTestFinished(close);
  return {
    port: Number(new URL(url).port),
    async break() {
      broken = release === "v1";
      await intermission.createRelease("v2", { wait: false });
    },
  };
}

for (const balancer of balancers) {
  const { name, available, packageName, takes503, visits, halfway, start } = balancer;
  describeWithServer(name, { available, packageName }, () => {
    test("brings as many working pages in a deploy window as without Intermission", async () => {
      const folder = mkdtempSync(join(tmpdir(), "intermission-balancer-"));
      chmodSync(folder, 0o755);
      onTestFinished(() => {
        rmSync(folder, { recursive: true, force: true });
      });
      const begun = await Promise.all(
        modes.map(async (mode) => {
          const store = memoryStore();
          const old = await startInstance(mode, store, "v1");
          const other = await startInstance(mode, store, halfway === true ? "v2" : "v1");
          const instances = [old, other] as const;
          return { mode, port: await findFreePort(), instances };
        }),
      );
      const fronts = begun.map(({ instances: [old, other], ...front }): Front => ({
        ...front,
        instances: [old.port, other.port],
      }));
      const proxy = await start(folder, fronts);
      onTestFinished(() => proxy.stop());
      const isVarnish = packageName === "varnish";
      const ask = ({ mode, port }: Front, path: string) =>
        visit(`http://127.0.0.1:${String(isVarnish ? fronts[0]?.port : port)}${path}`, {
          headers: { host: isVarnish ? mode : "app", accept: "text/html" },
        });

      const working: Record<string, number> = {};
      for (const [index, front] of fronts.entries()) {
        // Cached before the window.
        await ask(front, "/broken");
        for (const instance of begun[index]?.instances ?? []) await instance.break();
        // nginx's cache entry must be stale first; others name no cache.
        await expect
          .poll(async () => (await ask(front, "/broken")).headers["x-cache"], { timeout: 5000 })
          .not.toBe("HIT");
        working[front.mode] = 0;
        for (const path of visits) {
          const { status, body } = await ask(front, path);
          if (status === 200 && body === "fine") working[front.mode]! += 1;
        }
      }
      expect(working["without"]).toBe(visits === saved ? 6 : 20);
      expect(working["original"]).toBe(working["without"]);
      // If 503 works too, the guide need not say otherwise.
      expect(working["503"] === working["without"], JSON.stringify(working)).toBe(takes503);
    });
  });
}
