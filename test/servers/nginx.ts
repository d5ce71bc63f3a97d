import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isInstalled, startProxyProcess, type ProxyProcess } from "./proxy-process.ts";

/** `NGINX_MODULES`: for a copy of nginx other than the system's. */
const modules = process.env["NGINX_MODULES"] ?? "/usr/lib/nginx/modules";

export function isNginxAvailable(...needed: readonly string[]): boolean {
  return isInstalled("nginx", "-v") && needed.every((name) => existsSync(join(modules, name)));
}

/** Whether nginx, with these modules, accepts a configuration. */
export function doesNginxTake(configuration: string, ...needed: readonly string[]): boolean {
  if (!isNginxAvailable(...needed)) return false;
  const folder = mkdtempSync(join(tmpdir(), "intermission-nginx-"));
  try {
    const file = join(folder, "nginx.conf");
    writeFileSync(file, [...loading(needed), `pid ${join(folder, "pid")};`, configuration].join("\n"));
    return isInstalled("nginx", "-t", "-q", "-p", folder, "-e", join(folder, "error.log"), "-c", file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function loading(needed: readonly string[]): readonly string[] {
  return needed.map((name) => `load_module ${join(modules, name)};`);
}

export interface NginxOptions {
  readonly folder: string;
  readonly port: number;
  /** In the context `http`. */
  readonly configuration: string;
  /** Files of dynamic modules. */
  readonly modules?: readonly string[];
}

/** One process that is both master and worker. */
export async function startNginx({
  folder,
  port,
  configuration,
  modules: needed = [],
}: NginxOptions): Promise<ProxyProcess> {
  const errorLog = join(folder, "error.log");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const lines = [
    ...loading(needed),
    `daemon off; master_process off; pid ${join(folder, "nginx.pid")};`,
    "events { worker_connections 512; }",
    "http {",
    "access_log off;",
    ...temporary.map((name) => `${name}_temp_path ${join(folder, name)};`),
    configuration,
    "}",
  ];
  const file = join(folder, "nginx.conf");
  writeFileSync(file, lines.join("\n"));
  return await startProxyProcess({
    command: "nginx",
    words: ["-p", folder, "-e", errorLog, "-c", file],
    folder,
    port,
  });
}
