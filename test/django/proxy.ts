import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { cliPath } from "../cli/run-cli.ts";
import type { Place } from "../proxies/site.ts";
import { findFreePort } from "../servers/free-port.ts";
import type { ProxyProcess } from "../servers/proxy-process.ts";
import { startProgram } from "./program.ts";
import { visit } from "../support/http.ts";
import type { Site } from "./site.ts";

export interface Proxied {
  /** The visitors' address. */
  readonly url: string;
  /** Whether `serve` wants errors without a release intercepted. */
  isIntercepting(): Promise<boolean>;
}

/** Starts a proxy in front of a site, and `intermission serve`, which knows the instances. */
export async function openProxy(
  site: Pick<Site, "databaseUrl" | "ports">,
  start: (place: Place, ports: readonly number[]) => Promise<ProxyProcess>,
): Promise<Proxied> {
  const folder = mkdtempSync(join(tmpdir(), "intermission-proxy-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  // Proxies whose workers run as another user must be able to read it.
  chmodSync(folder, 0o755);
  const place: Place = {
    folder,
    port: await findFreePort(),
    app: await findFreePort(),
    errors: await findFreePort(),
    control: await findFreePort(),
    published: join(folder, "published"),
  };
  const addresses = ["--listen", String(place.errors), "--control", String(place.control)];
  const serve = startProgram(
    process.execPath,
    [
      ...[cliPath, "serve", ...addresses, "--publish", place.published, "--health-path", "/health/"],
      ...site.ports.flatMap((port) => ["--upstream", `127.0.0.1:${String(port)}`]),
    ],
    { cwd: folder, env: { MAINTENANCE_STORE: site.databaseUrl } },
  );
  await serve.until(/Not intercepting/);
  const proxy = await start(place, site.ports);
  onTestFinished(() => proxy.stop());
  return {
    url: `http://127.0.0.1:${String(place.port)}`,
    async isIntercepting() {
      return (await visit(`http://127.0.0.1:${String(place.control)}/flag`)).status === 200;
    },
  };
}
