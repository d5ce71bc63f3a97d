import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRecipe, recipes, type Place } from "../proxies/site.ts";
import { isCaddyAvailable, startCaddy } from "../servers/caddy.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { isNginxAvailable, startNginx } from "../servers/nginx.ts";
import { startPostgres, type PostgresServer } from "../servers/postgres.ts";
import type { ProxyProcess } from "../servers/proxy-process.ts";
import { visit } from "../support/http.ts";
import { comparable } from "./comparable.ts";
import { openProxy } from "./proxy.ts";
import { django } from "./shop.ts";
import { openSite } from "./site.ts";
import { playDeploy } from "./story.ts";
import { kindOf } from "./visitors.ts";

interface Recipe {
  readonly name: string;
  readonly available: boolean;
  readonly packageName: string;
  /** @param ports Of the instances, in the place of the recipe's one app. */
  start(place: Place, ports: readonly number[]): Promise<ProxyProcess>;
  /** Parameters of create-release, for proxies that learn of it later. */
  readonly wait: readonly string[];
}

const lua = ["ndk_http_module.so", "ngx_http_lua_module.so"];

const proxies: readonly Recipe[] = [
  {
    name: "nginx",
    available: isNginxAvailable(),
    packageName: "nginx",
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
];

describe.each(proxies)("$name", ({ available, packageName, start, wait }) => {
  const needed = {
    available: django.available && available,
    packageName: `${django.packageName} ${packageName}`,
  };
  describeWithServer("in front of Django", needed, () => {
    let postgres: PostgresServer;
    beforeAll(async () => {
      postgres = await startPostgres();
    });
    afterAll(() => postgres.stop());

    test("a deploy under traffic: from the return of create-release no error of an old worker is seen", async () => {
      const site = await openSite(postgres, 3);
      const url = await openProxy(site, start);
      await playDeploy(site, url, wait);
      expect(kindOf("/broken/", await visit(`${url}/broken/`))).toBe("raw");
    });

    test("errors are Django's own, until a deploy or manual mode hides them", async () => {
      const site = await openSite(postgres);
      const url = await openProxy(site, start);
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
      expect(kindOf("/killed/", await ask("/killed/"))).toBe("page");
      await site.instances[0]!.stop();
      expect(kindOf("/", await ask("/"))).toBe("page");
    });
  });
});

/**
 * As somebody with several instances writes it. Without `max_fails=0` nginx leaves one that has refused alone for ten
 * seconds, in which all three are replaced here.
 */
function withUpstreams(configuration: string, app: number, ports: readonly number[]): string {
  const servers = ports.map((port) => `server 127.0.0.1:${String(port)} max_fails=0;`);
  return exchange(configuration, `server 127.0.0.1:${String(app)};`, servers.join("\n  "));
}

/** The same in Caddy, which goes to another instance only if it is told to. Times in nanoseconds. */
function withDials(configuration: string, app: number, ports: readonly number[]): string {
  const several = {
    load_balancing: { retries: 3 },
    health_checks: { passive: { fail_duration: 250_000_000 } },
    upstreams: ports.map((port) => ({ dial: `127.0.0.1:${String(port)}` })),
  };
  const [one, more] = [{ upstreams: [{ dial: `127.0.0.1:${String(app)}` }] }, several].map((part) =>
    JSON.stringify(part).slice(1, -1),
  );
  return exchange(JSON.stringify(JSON.parse(configuration)), one ?? "", more ?? "");
}

/** Throws where a recipe does not have what is to be exchanged any more. */
function exchange(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`The recipe has no ${from}`);
  return text.replaceAll(from, to);
}
