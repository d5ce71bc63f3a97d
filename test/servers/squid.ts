import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { isInstalled, startProxyProcess, type ProxyProcess } from "./proxy-process.ts";

export function isSquidAvailable(): boolean {
  return isInstalled("squid", "-v");
}

export interface CacheOptions {
  readonly folder: string;
  readonly port: number;
  /** The port of the app on this machine. */
  readonly app: number;
}

/** A cache in memory in front of an app. */
export async function startSquid({ folder, port, app }: CacheOptions): Promise<ProxyProcess> {
  const file = join(folder, "squid.conf");
  const lines = [
    `http_port 127.0.0.1:${String(port)} accel defaultsite=app`,
    `cache_peer 127.0.0.1 parent ${String(app)} 0 no-query originserver`,
    ...["http_access allow all", "cache_mem 16 MB", "access_log none", "cache_log /dev/stderr"],
    ...["pid_filename none", "netdb_filename none", "pinger_enable off", "visible_hostname app", "workers 1"],
    `coredump_dir ${folder}`,
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  return await startProxyProcess({ command: "squid", words: ["-N", "-f", file], folder, port });
}
