import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { isInstalled, startProxyProcess, type ProxyProcess } from "./proxy-process.ts";

export function isVarnishAvailable(): boolean {
  return isInstalled("varnishd", "-V");
}

export interface VarnishOptions {
  readonly folder: string;
  readonly port: number;
  /** VCL. */
  readonly configuration: string;
}

export async function startVarnish({ folder, port, configuration }: VarnishOptions): Promise<ProxyProcess> {
  const file = join(folder, "default.vcl");
  writeFileSync(file, configuration);
  return await startProxyProcess({
    command: "varnishd",
    // In the foreground, as the current user, and without administration over the network.
    words: [
      ...["-F", "-j", "none", "-n", join(folder, "varnish"), "-a", `127.0.0.1:${String(port)}`],
      ...["-f", file, "-s", "malloc,16m", "-T", "none", "-p", "thread_pool_min=10"],
    ],
    folder,
    port,
  });
}
