import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isInstalled, startProxyProcess, type ProxyProcess } from "./proxy-process.ts";
import type { CacheOptions } from "./squid.ts";

export function isTrafficServerAvailable(): boolean {
  return isInstalled("traffic_server", "-V");
}

/** Apache Traffic Server as a cache in front of an app. */
export async function startTrafficServer({
  folder,
  port,
  app,
  records: more = [],
}: CacheOptions & {
  /** More settings of records.config, each a name, a type and a value. */
  readonly records?: readonly string[];
}): Promise<ProxyProcess> {
  const names = ["config", "log", "run", "cache"];
  for (const name of names) mkdirSync(join(folder, name), { mode: 0o755 });
  const [config = "", log, run, cache] = names.map((name) => join(folder, name));
  const records = [
    `proxy.config.http.server_ports STRING ${String(port)}:ip-in=127.0.0.1`,
    `proxy.config.config_dir STRING ${config}`,
    `proxy.config.local_state_dir STRING ${run ?? ""}`,
    `proxy.config.log.logfile_dir STRING ${log ?? ""}`,
    "proxy.config.log.logging_enabled INT 0",
    // The current user.
    "proxy.config.admin.user_id STRING #-1",
    "proxy.config.http.wait_for_cache INT 1",
    "proxy.config.url_remap.remap_required INT 1",
    "proxy.config.exec_thread.autoconfig INT 0",
    "proxy.config.exec_thread.limit INT 1",
    "proxy.config.diags.output.error STRING E",
    ...more,
  ];
  writeFileSync(join(config, "records.config"), records.map((line) => `CONFIG ${line}\n`).join(""));
  writeFileSync(join(config, "remap.config"), `map / http://127.0.0.1:${String(app)}/\n`);
  writeFileSync(join(config, "storage.config"), `${cache ?? ""} 16M\n`);
  writeFileSync(
    join(config, "ip_allow.yaml"),
    "ip_allow:\n  - { apply: in, ip_addrs: 127.0.0.1, action: allow, methods: ALL }\n",
  );
  const layout = join(folder, "runroot.yaml");
  writeFileSync(
    layout,
    `prefix: ${folder}\nexec_prefix: ${folder}\nsysconfdir: ${config}\nlocalstatedir: ${run ?? ""}\nruntimedir: ${run ?? ""}\nlogdir: ${log ?? ""}\ncachedir: ${cache ?? ""}\n`,
  );
  return await startProxyProcess({
    command: "traffic_server",
    words: [`--run-root=${layout}`],
    folder,
    port,
  });
}
