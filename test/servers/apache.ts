import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startProxyProcess, isInstalled, type ProxyProcess } from "./proxy-process.ts";

const modules = "/usr/lib/apache2/modules";

export function isApacheAvailable(): boolean {
  return isInstalled("apache2", "-v") && existsSync(join(modules, "mod_lua.so"));
}

export interface ApacheOptions {
  readonly folder: string;
  readonly port: number;
  /** From `Listen` on. */
  readonly configuration: string;
  /** Names, such as `proxy_http`. */
  readonly modules: readonly string[];
}

export async function startApache(options: ApacheOptions): Promise<ProxyProcess> {
  const { folder, port, configuration } = options;
  const lines = [
    `ServerRoot ${folder}`,
    "ServerName 127.0.0.1",
    `PidFile ${join(folder, "apache.pid")}`,
    `DefaultRuntimeDir ${folder}`,
    `Mutex file:${folder} default`,
    `ErrorLog ${join(folder, "error.log")}`,
    `DocumentRoot ${folder}`,
    ...["mpm_event", "authz_core", ...options.modules].map(
      (name) => `LoadModule ${name}_module ${join(modules, `mod_${name}.so`)}`,
    ),
    "StartServers 1",
    ...(process.getuid?.() === 0 ? ["User nobody", "Group nogroup"] : []),
    configuration,
  ];
  const file = join(folder, "httpd.conf");
  writeFileSync(file, `${lines.join("\n")}\n`);
  return await startProxyProcess({
    command: "apache2",
    words: ["-f", file, "-D", "FOREGROUND"],
    folder,
    port,
  });
}
