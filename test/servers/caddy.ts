import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { isInstalled, startProxyProcess, type ProxyProcess } from "./proxy-process.ts";

export function isCaddyAvailable(): boolean {
  return isInstalled("caddy", "version");
}

export interface CaddyOptions {
  readonly folder: string;
  readonly port: number;
  /** JSON. */
  readonly configuration: string;
}

export async function startCaddy({ folder, port, configuration }: CaddyOptions): Promise<ProxyProcess> {
  const file = join(folder, "caddy.json");
  writeFileSync(file, configuration);
  return await startProxyProcess({
    command: "caddy",
    words: ["run", "--config", file],
    folder,
    port,
    // Several copies would use the same address.
    environment: { CADDY_ADMIN: `unix/${join(folder, "admin.sock")}` },
  });
}

/** A Caddyfile as JSON. */
export function adaptCaddyfile(file: string): string {
  const { status, stdout, stderr } = spawnSync("caddy", ["adapt", "--config", file], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
