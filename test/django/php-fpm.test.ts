import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { runCli, temporaryFolder } from "../cli/run-cli.ts";
import { readRecipe, recipes, type Place } from "../proxies/site.ts";
import { adaptCaddyfile, isCaddyAvailable, startCaddy } from "../servers/caddy.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { findFreePort } from "../servers/free-port.ts";
import { isNginxAvailable, startNginx } from "../servers/nginx.ts";
import { isInstalled } from "../servers/proxy-process.ts";
import { visit } from "../support/http.ts";
import { startProgram } from "./program.ts";
import { openProxy } from "./proxy.ts";

const release = resolve(import.meta.dirname, "../../deploy/laravel/release.php");
const fpm = ["php-fpm8.4", "php-fpm8.2", "php-fpm8.3"].find((name) => isInstalled(name, "-v"));

const hasLaravel = existsSync("/usr/share/php/Illuminate/autoload.php");

interface PhpSite {
  readonly folder: string;
  /** Of PHP-FPM. */
  readonly port: number;
}

async function startPhp(): Promise<PhpSite> {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  cpSync(join(import.meta.dirname, "php/laravel"), folder, { recursive: true });
  // PHP-FPM's workers are another user, who writes here.
  for (const name of ["bootstrap/cache", "storage"]) {
    mkdirSync(join(folder, name), { recursive: true });
    chmodSync(join(folder, name), 0o777);
  }
  copyFileSync(release, join(folder, "release.php"));
  writeFileSync(join(folder, "REVISION"), "v1.0\n");
  const port = await findFreePort();
  writeFileSync(
    join(folder, "fpm.conf"),
    [
      ...["[global]", "daemonize = no", `error_log = ${join(folder, "fpm.log")}`, "[www]"],
      ...(process.getuid?.() === 0 ? ["user = nobody", "group = nogroup"] : []),
      ...[`listen = 127.0.0.1:${String(port)}`, "pm = static", "pm.max_children = 2"],
      `env[MAINTENANCE_PAGE_RELEASE_FILE] = ${join(folder, "REVISION")}`,
      "php_admin_flag[display_errors] = off",
    ].join("\n"),
  );
  startProgram(fpm ?? "", ["-F", "-y", join(folder, "fpm.conf")], { cwd: folder });
  return { folder, port };
}

/** The Caddyfile with what deploy/caddy/README.md says for PHP-FPM, as JSON. */
function caddyForPhp(place: Place, { folder, port }: PhpSite): string {
  const [, block = ""] =
    /\n## PHP-FPM\n[^]*?\n```\n([^]*?)```/.exec(readRecipe("caddy/README.md", { ...place, app: port })) ?? [];
  const file = join(place.folder, "Caddyfile");
  const caddyfile = readRecipe("caddy/Caddyfile", { ...place, app: port }).replace(
    "http://:8080",
    `http://:${String(place.port)}`,
  );
  writeFileSync(
    file,
    caddyfile.replace(
      /^\treverse_proxy [^]*?\n\t\t\}\n/m,
      block.replace("/var/www/shop/public", join(folder, "public")),
    ),
  );
  const filter = ["-f", join(recipes, "caddy/intermission.jq")];
  return execFileSync("jq", filter, { input: adaptCaddyfile(file), encoding: "utf8" });
}

const proxies = [
  {
    name: "nginx",
    available: isNginxAvailable(),
    packageName: "nginx php-fpm php-laravel-framework",
    start: (place: Place, { folder, port }: PhpSite) =>
      startNginx({
        ...place,
        configuration: readRecipe("nginx/fastcgi.conf", { ...place, app: port }).replace(
          "/var/www/shop/public",
          join(folder, "public"),
        ),
      }),
  },
  {
    name: "Caddy",
    available: isCaddyAvailable() && isInstalled("jq", "--version"),
    packageName: "caddy jq php-fpm php-laravel-framework",
    start: (place: Place, site: PhpSite) =>
      startCaddy({ folder: place.folder, port: place.port, configuration: caddyForPhp(place, site) }),
  },
];

for (const { name, available, packageName, start } of proxies) {
  describeWithServer(
    `Laravel on PHP-FPM behind ${name}`,
    { available: available && fpm !== undefined && hasLaravel, packageName },
    () => {
      test("has its own errors, and the page in their place until its release file has the current release", async () => {
        const site = await startPhp();
        const { folder } = site;
        const databaseUrl = `sqlite:${join(folder, "state.db")}`;
        const env = { MAINTENANCE_STORE: databaseUrl };
        await runCli(["create-release", "v1.0"], { cwd: folder, env });
        const { url } = await openProxy({ databaseUrl, ports: [] }, (place) => start(place, site));
        const ask = (path: string, headers: Readonly<Record<string, string>> = {}) =>
          visit(`${url}${path}`, { headers });
        await expect.poll(async () => (await ask("/")).status, { timeout: 20_000 }).toBe(200);

        const forged = {
          Forwarded: "for=192.0.2.66",
          "X-Forwarded-For": "192.0.2.66",
          Proxy: "192.0.2.66:80",
        };
        const answer = await ask("/environment?a=b", { ...forged, "X-Real-IP": "192.0.2.66" });
        expect(answer.headers).not.toHaveProperty("x-release");
        expect(JSON.parse(answer.body)).toMatchObject({
          ...{
            REQUEST_URI: "/environment?a=b",
            HTTP_X_FORWARDED_FOR: "127.0.0.1",
            HTTP_X_FORWARDED_PROTO: "http",
          },
        });
        expect(answer.body).not.toContain("192.0.2.66");
        const own = await ask("/orders");
        expect(own.status).toBe(500);
        expect(own.body).toContain("<title>Server Error</title>");

        await runCli(["create-release", "v1.1"], { cwd: folder, env });
        const page = { status: 503, headers: { "x-maintenance": "1" } };
        expect(await ask("/orders")).toMatchObject(page);
        expect(await ask("/killed")).toMatchObject(page);
        expect(await ask("/")).toMatchObject({ status: 200 });

        // Like Capistrano, without a restart.
        writeFileSync(join(folder, "REVISION"), "v1.1\n");
        expect(await ask("/orders")).toMatchObject({ status: 500 });
      });
    },
  );
}
