import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRecipe, recipes, type Place } from "../proxies/site.ts";
import { isApacheAvailable, startApache } from "../servers/apache.ts";
import { isCaddyAvailable, startCaddy } from "../servers/caddy.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { hasHaproxyLua, isHaproxyAvailable, startHaproxy } from "../servers/haproxy.ts";
import { isNginxAvailable, startNginx } from "../servers/nginx.ts";
import { startPostgres, type PostgresServer } from "../servers/postgres.ts";
import type { ProxyProcess } from "../servers/proxy-process.ts";
import { isVarnishAvailable, startVarnish } from "../servers/varnish.ts";
import { visit } from "../support/http.ts";
import { comparable } from "./comparable.ts";
import { openProxy } from "./proxy.ts";
import { createShop, django } from "./shop.ts";
import { openSite } from "./site.ts";
import { playDeploy } from "./story.ts";
import { kindOf } from "./visitors.ts";

interface Recipe {
  readonly name: string;
  readonly available: boolean;
  readonly packageName: string;
  /** Whether its guide covers a deploy with several instances. */
  readonly several: boolean;
  /** Not masked: a dropped connection. */
  readonly showsCut?: true;
  /** @param ports The instances', instead of the recipe's one app. */
  start(place: Place, ports: readonly number[]): Promise<ProxyProcess>;
  /** Options of create-release, for proxies that learn of it later. */
  readonly wait: readonly string[];
}

const lua = ["ndk_http_module.so", "ngx_http_lua_module.so"];

const proxies: readonly Recipe[] = [
  {
    name: "nginx",
    available: isNginxAvailable(),
    packageName: "nginx",
    several: true,
    start: ({ folder, port, ...place }, ports) =>
      startNginx({
        ...{ folder, port },
        configuration: withUpstreams(
          readRecipe("nginx/plain.conf", { folder, port, ...place }),
          place.app,
          ports,
        ),
      }),
    wait: [],
  },
  {
    name: "nginx with Lua",
    available: isNginxAvailable(...lua),
    packageName: "nginx libnginx-mod-http-lua lua-cjson",
    several: true,
    start: ({ folder, port, ...place }, ports) => {
      copyFileSync(join(recipes, "nginx/intermission.lua"), join(folder, "intermission.lua"));
      return startNginx({
        ...{ folder, port, modules: lua },
        configuration: withUpstreams(
          readRecipe("nginx/lua.conf", { folder, port, ...place }),
          place.app,
          ports,
        ),
      });
    },
    wait: ["--wait", "2500ms"],
  },
  {
    name: "Caddy",
    available: isCaddyAvailable(),
    packageName: "caddy",
    several: true,
    start: ({ folder, port, ...place }, ports) =>
      startCaddy({
        ...{ folder, port },
        configuration: withDials(
          readRecipe("caddy/caddy.json", { folder, port, ...place }),
          place.app,
          ports,
        ),
      }),
    wait: [],
  },
  {
    name: "HAProxy with Lua",
    available: isHaproxyAvailable() && hasHaproxyLua(),
    packageName: "haproxy lua-cjson",
    several: false,
    start: (place, ports) => {
      copyFileSync(join(recipes, "haproxy/intermission.lua"), join(place.folder, "intermission.lua"));
      return startHaproxy({ ...place, configuration: readRecipe("haproxy/lua.cfg", forOne(place, ports)) });
    },
    wait: ["--wait", "2500ms"],
  },
  {
    name: "HAProxy without Lua",
    available: isHaproxyAvailable(),
    packageName: "haproxy",
    showsCut: true,
    several: false,
    start: (place, ports) => {
      copyFileSync(join(recipes, "haproxy/regular.map"), join(place.folder, "regular.map"));
      return startHaproxy({ ...place, configuration: readRecipe("haproxy/plain.cfg", forOne(place, ports)) });
    },
    wait: ["--wait", "2500ms"],
  },
  {
    name: "Apache",
    available: isApacheAvailable(),
    packageName: "apache2 lua-socket",
    several: false,
    start: (place, ports) => {
      writeFileSync(join(place.folder, "intermission.lua"), readRecipe("apache/intermission.lua", place));
      return startApache({
        ...place,
        configuration: readRecipe("apache/intermission.conf", forOne(place, ports)),
        modules: ["env", "filter", "headers", "lua", "proxy", "proxy_http"],
      });
    },
    wait: [],
  },
  {
    name: "Varnish",
    available: isVarnishAvailable(),
    packageName: "varnish",
    several: false,
    start: (place, ports) =>
      startVarnish({ ...place, configuration: readRecipe("varnish/intermission.vcl", forOne(place, ports)) }),
    wait: [],
  },
];

/** Defines the tests of the recipes whose guide covers a deploy with several instances, or of the others. */
export function testBehindProxies(options: Pick<Recipe, "several">): void {
  let postgres: PostgresServer | undefined;
  beforeAll(async () => {
    if (django.available) postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());

  const chosen = proxies.filter(({ several }) => several === options.several);
  describe.each(chosen)("$name", ({ available, packageName, several, showsCut, start, wait }) => {
    const needed = {
      available: django.available && available,
      packageName: `${django.packageName} ${packageName}`,
    };
    describeWithServer("in front of Django", needed, () => {
      test.runIf(several)(
        "a deploy under traffic: from the return of create-release no error of an old worker is seen",
        async () => {
          const site = await openSite(postgres!, 3);
          const { url } = await openProxy(site, start);
          await playDeploy(site, url, wait);
          expect(kindOf("/broken/", await visit(`${url}/broken/`))).toBe("raw");
        },
      );

      test("errors are Django's own, until a deploy or manual mode hides them, and after the last old worker", async () => {
        const site = await openSite(postgres!);
        const { url, isIntercepting } = await openProxy(site, start);
        const ask = (path: string) => visit(`${url}${path}`);
        expect(comparable(await ask("/broken/"))).toEqual(
          comparable(await visit(`${site.origins[0]!}/broken/`)),
        );

        await site.intermission("v1.0", "on", ...wait);
        expect([kindOf("/broken/", await ask("/broken/")), kindOf("/", await ask("/"))]).toEqual([
          "page",
          "success",
        ]);
        await site.intermission("v1.0", "off", ...wait);
        expect(kindOf("/broken/", await ask("/broken/"))).toBe("raw");

        await site.intermission("v1.1", "create-release", ...wait);
        expect(kindOf("/broken/", await ask("/broken/"))).toBe("page");
        expect(kindOf("/killed/", await ask("/killed/"))).toBe(showsCut === true ? "raw" : "page");
        await site.instances[0]!.stop();
        // An address that no cache knows: a cached one may be served.
        expect(kindOf("/", await ask("/?away"))).toBe("page");

        site.instances[0] = await createShop("v1.1", site.databaseUrl).serve(site.ports[0]!);
        await expect.poll(isIntercepting, { timeout: 20_000, interval: 250 }).toBe(false);
        await expect
          .poll(async () => kindOf("/killed/", await ask("/killed/")), { timeout: 5000 })
          .toBe("raw");
        for (const path of ["/broken/", "/nowhere/", "/?again"]) {
          const [behind, direct] = await Promise.all([ask(path), visit(`${site.origins[0]!}${path}`)]);
          expect(comparable(behind)).toEqual(comparable(direct));
        }
      });
    });
  });
}

/** A recipe's one app is the first instance. */
function forOne(place: Place, [port]: readonly number[]): Place {
  return { ...place, app: port ?? place.app };
}

/**
 * As configured for several instances. Without `max_fails=0` nginx avoids one that has refused for ten
 * seconds, in which all three are replaced here.
 */
function withUpstreams(configuration: string, app: number, ports: readonly number[]): string {
  const servers = ports.map((port) => `server 127.0.0.1:${String(port)} max_fails=0;`);
  return exchange(configuration, `server 127.0.0.1:${String(app)};`, servers.join("\n  "));
}

/** The same in Caddy, as in deploy/caddy/README.md. Times in nanoseconds. */
function withDials(configuration: string, app: number, ports: readonly number[]): string {
  const several = {
    load_balancing: { retries: 3 },
    health_checks: { active: { uri: "/health/", interval: 250_000_000, timeout: 1_000_000_000 } },
    upstreams: ports.map((port) => ({ dial: `127.0.0.1:${String(port)}` })),
  };
  const [one, more] = [{ upstreams: [{ dial: `127.0.0.1:${String(app)}` }] }, several].map((part) =>
    JSON.stringify(part).slice(1, -1),
  );
  return exchange(JSON.stringify(JSON.parse(configuration)), one ?? "", more ?? "");
}

/** Throws if a recipe no longer contains what should be replaced. */
function exchange(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`The recipe has no ${from}`);
  return text.replaceAll(from, to);
}
