import { resolve } from "node:path";
import { expect } from "vitest";
import { runCli, type CliResult, cliPath } from "../cli/run-cli.ts";
import { findFreePort } from "../servers/free-port.ts";
import type { PostgresServer } from "../servers/postgres.ts";
import { startProgram, type Program } from "./program.ts";
import { createShop, type Shop } from "./shop.ts";

/** Gunicorns of v1.0, the current release, with their own database. */
export interface Site {
  readonly databaseUrl: string;
  readonly shop: Shop;
  readonly ports: readonly number[];
  readonly instances: Program[];
  /** Where each instance listens, with nothing in front. */
  readonly origins: readonly string[];
  /** Runs the command line on a machine of a release. */
  intermission(release: string, ...words: readonly string[]): Promise<CliResult>;
}

const root = resolve(import.meta.dirname, "../..");
let databases = 0;

/** @param settings Variables that its settings read. */
export async function openSite(
  postgres: PostgresServer,
  size = 1,
  settings: Readonly<Record<string, string>> = {},
): Promise<Site> {
  const name = `shop_${String(databases++)}`;
  await postgres.query(`create database ${name}`);
  const databaseUrl = postgres.url.replace(/postgres$/, name);
  const shop = createShop("v1.0", databaseUrl, settings);
  const ports = await Promise.all(Array.from({ length: size }, findFreePort));
  await shop.manage("migrate");
  const instances = await Promise.all(ports.map((port) => shop.serve(port)));
  const site: Site = {
    ...{ databaseUrl, shop, ports, instances },
    origins: ports.map((port) => `http://127.0.0.1:${String(port)}`),
    async intermission(release, ...words) {
      const env = { DATABASE_URL: databaseUrl, MAINTENANCE_PAGE_RELEASE: release };
      const result = await runCli(words, { cwd: root, env });
      expect(result).toEqual({ ...result, exitCode: 0 });
      return result;
    },
  };
  await site.intermission("v1.0", "create-release");
  return site;
}

/** The gateway in front of a site, as started by `intermission gateway`. */
export async function openGateway(
  site: Site,
  env: Readonly<Record<string, string>> = {},
  ...words: readonly string[]
): Promise<{ readonly url: string; readonly gateway: Program }> {
  const upstreams = site.origins.flatMap((origin) => ["--upstream", origin]);
  const gateway = startProgram(
    process.execPath,
    [cliPath, "gateway", "--listen", "127.0.0.1:0", ...upstreams, ...words],
    { cwd: root, env: { DATABASE_URL: site.databaseUrl, ...env } },
  );
  const [, url = ""] = await gateway.until(/The gateway is at (http:\S+),/);
  return { url, gateway };
}
