import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { accepts } from "./accepts.js";
import { endWithUs } from "./children.js";
import { findFreePort } from "./free-port.js";

const root = resolve(import.meta.dirname, "../..");
const startLimit = 20_000;

/**
 * How to start each proxy: its configuration file's name, and its contents for a place. Recipes are the
 * shipped files with the place's addresses and folders.
 */
const servers = {
  nginx: {
    isInstalled: () => runs("nginx", "-v"),
    command(place, text, modules = []) {
      const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
        (name) => `${name}_temp_path ${join(place.folder, name)};`,
      );
      const lines = [
        ...modules.map((name) => `load_module /usr/lib/nginx/modules/${name};`),
        `daemon off; master_process off; pid ${join(place.folder, "pid")}; error_log stderr;`,
        `events {} http { access_log off; ${temporary.join(" ")}`,
        text,
        "}",
      ];
      return [
        "nginx",
        "-p",
        place.folder,
        "-e",
        "stderr",
        "-c",
        write(place, "nginx.conf", lines.join("\n")),
      ];
    },
  },
  Caddy: {
    isInstalled: () => runs("caddy", "version"),
    command: (place, text) => ["caddy", "run", "--config", write(place, "caddy.json", text)],
  },
  HAProxy: {
    isInstalled: () => runs("haproxy", "-v"),
    command: (place, text) => ["haproxy", "-db", "-f", write(place, "haproxy.cfg", text)],
  },
  Apache: {
    isInstalled: () => runs("apache2", "-v"),
    command(place, text) {
      const modules = ["mpm_event", "authz_core", "env", "filter", "headers", "lua", "proxy", "proxy_http"];
      const lines = [
        `ServerRoot ${place.folder}`,
        "ServerName 127.0.0.1",
        // Otherwise it ends connections, and processes, during the measurement.
        "MaxKeepAliveRequests 0",
        "StartServers 1",
        "ServerLimit 1",
        "ThreadsPerChild 64",
        "MaxRequestWorkers 64",
        `PidFile ${join(place.folder, "pid")}`,
        `Mutex file:${place.folder} default`,
        `ErrorLog ${join(place.folder, "error.log")}`,
        ...modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`),
        ...(process.getuid() === 0 ? ["User nobody", "Group nogroup"] : []),
        text,
      ];
      return ["apache2", "-D", "FOREGROUND", "-f", write(place, "httpd.conf", `${lines.join("\n")}\n`)];
    },
  },
  Varnish: {
    isInstalled: () => runs("varnishd", "-V"),
    command: (place, text) => [
      ...["varnishd", "-F", "-j", "none", "-n", join(place.folder, "varnish"), "-T", "none"],
      ...["-a", `127.0.0.1:${place.port}`, "-s", "malloc,16m", "-f", write(place, "default.vcl", text)],
    ],
  },
};

/**
 * Compares the shipped recipe with the same proxy without it. Measured during a deploy, too, only if that
 * sends successes another way.
 */
export const comparisons = [
  {
    ...{ title: "nginx", server: "nginx", recipe: "nginx/plain.conf", base: "nginx.conf" },
    states: ["no deploy", "in a deploy"],
  },
  {
    ...{ title: "nginx with Lua", server: "nginx", recipe: "nginx/lua.conf", base: "nginx.conf" },
    modules: ["ndk_http_module.so", "ngx_http_lua_module.so"],
    beside: ["nginx/intermission.lua"],
  },
  { title: "Caddy", server: "Caddy", recipe: "caddy/caddy.json", base: "Caddyfile" },
  {
    ...{ title: "HAProxy with Lua", server: "HAProxy", recipe: "haproxy/lua.cfg", base: "haproxy.cfg" },
    beside: ["haproxy/intermission.lua"],
  },
  {
    ...{ title: "HAProxy without Lua", server: "HAProxy", recipe: "haproxy/plain.cfg", base: "haproxy.cfg" },
    beside: ["haproxy/regular.map"],
  },
  {
    ...{ title: "Apache", server: "Apache", recipe: "apache/intermission.conf", base: "apache.conf" },
    beside: ["apache/intermission.lua"],
  },
  { title: "Varnish", server: "Varnish", recipe: "varnish/intermission.vcl", base: "varnish.vcl" },
];

export const isInstalled = ({ server }) => servers[server].isInstalled();

/**
 * Starts a proxy of a comparison on its own port.
 *
 * @param ports of the app and of serve: `app`, `errors`, `control`; `published`: the folder of serve.
 */
export async function startProxy({ server, recipe, base, modules, beside = [] }, withRecipe, folder, ports) {
  mkdirSync(folder, { recursive: true });
  const place = { ...ports, folder, port: await findFreePort() };
  const { command: commandOf } = servers[server];
  for (const file of withRecipe ? beside : []) {
    write(
      place,
      file.slice(file.indexOf("/") + 1),
      fill(readFileSync(join(root, "deploy", file), "utf8"), place),
    );
  }
  const text = withRecipe ? readFileSync(join(root, "deploy", recipe), "utf8") : readBase(base);
  const [command, ...words] = commandOf(place, fill(text, place), withRecipe ? modules : []);
  const log = openSync(join(folder, "log"), "w");
  const child = spawn(command, words, {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, CADDY_ADMIN: `unix/${join(folder, "admin.sock")}` },
    stdio: ["ignore", log, log],
  });
  endWithUs(child, "SIGTERM");
  closeSync(log);
  const ended = once(child, "exit");
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await ended;
  };
  const deadline = Date.now() + startLimit;
  while (!(await accepts(place.port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`${command} did not start: ${readFileSync(join(folder, "log"), "utf8").slice(-2000)}`);
    }
    await pause(20);
  }
  return { url: `http://127.0.0.1:${place.port}`, pid: child.pid, stop };
}

function readBase(name) {
  const file = join(root, "bench/proxies", name);
  if (name !== "Caddyfile") return readFileSync(file, "utf8");
  return execFileSync("caddy", ["adapt", "--config", file], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}

function fill(text, { folder, port, app, errors, control, published }) {
  return text
    .replaceAll("127.0.0.1:8080", `127.0.0.1:${port}`)
    .replaceAll("127.0.0.1:3000", `127.0.0.1:${app}`)
    .replaceAll("127.0.0.1:9200", `127.0.0.1:${errors}`)
    .replaceAll("127.0.0.1:9201", `127.0.0.1:${control}`)
    .replaceAll("/run/intermission", published)
    .replaceAll(/\/etc\/[a-z0-9]+\/intermission/g, folder);
}

function write({ folder }, name, text) {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

function runs(...words) {
  try {
    execFileSync(words[0], words.slice(1), { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
