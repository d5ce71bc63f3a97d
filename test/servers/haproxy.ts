import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { isInstalled, startProxyProcess, type ProxyProcess } from "./proxy-process.ts";

export function isHaproxyAvailable(): boolean {
  return isInstalled("haproxy", "-v");
}

/** Whether it was built with Lua. */
export function hasHaproxyLua(): boolean {
  return /\+LUA\b/.test(spawnSync("haproxy", ["-vv"], { encoding: "utf8" }).stdout);
}

export interface HaproxyOptions {
  readonly folder: string;
  readonly port: number;
  readonly configuration: string;
}

export async function startHaproxy({ folder, port, configuration }: HaproxyOptions): Promise<ProxyProcess> {
  const file = join(folder, "haproxy.cfg");
  writeFileSync(file, configuration);
  // -db: in the foreground.
  return await startProxyProcess({ command: "haproxy", words: ["-db", "-f", file], folder, port });
}
