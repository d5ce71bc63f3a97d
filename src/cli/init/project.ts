import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import type { Environment } from "../../core/release.ts";
import { nodeFrameworks, otherFrameworks, platformFiles } from "./known.ts";

/** What a folder reveals about its app. */
export interface Project {
  readonly folder: string;
  /** Undefined: none we know. */
  readonly framework: string | undefined;
  /** Undefined: no package.json. */
  readonly packageManager: "npm" | "pnpm" | "yarn" | "bun" | undefined;
  /** The scheme of a store URL. */
  readonly store: "postgres" | "mysql" | "redis" | "nats" | "etcd" | "sqlite";
  /** Where the store was found. Undefined: nowhere, so SQLite. */
  readonly storeSource: string | undefined;
  readonly platforms: readonly string[];
  /** The packages that package.json names. */
  readonly installed: ReadonlySet<string>;
  /** SQLite needs no package: the running Node has it. */
  readonly hasSqlite: boolean;
  /** JavaScript files are ES modules. */
  readonly modules: boolean;
}

const lockFiles = {
  "pnpm-lock.yaml": "pnpm",
  "yarn.lock": "yarn",
  "bun.lock": "bun",
  "bun.lockb": "bun",
  "package-lock.json": "npm",
} as const;

const environmentFiles = [".env", ".env.local", ".env.example", ".env.sample"];

export function findProject(folder: string, environment: Environment): Project {
  const manifest = readManifest(folder);
  const dependencies = {
    ...toRecord(manifest?.["dependencies"]),
    ...toRecord(manifest?.["devDependencies"]),
  };
  return {
    folder,
    framework: findFramework(folder, dependencies, manifest !== undefined),
    packageManager: manifest === undefined ? undefined : findPackageManager(folder, manifest),
    ...findStore(folder, dependencies, environment),
    platforms: findPlatforms(folder),
    installed: new Set(Object.keys(dependencies)),
    hasSqlite: isBuiltin("node:sqlite"),
    modules: manifest?.["type"] === "module",
  };
}

/** The text of a file of at most 1 MiB. Undefined: missing or unreadable. */
export function readText(folder: string, file: string): string | undefined {
  const path = join(folder, file);
  try {
    return statSync(path).size > 1024 * 1024 ? undefined : readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function readManifest(folder: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return toRecord(JSON.parse(readText(folder, "package.json") ?? "none"));
  } catch {
    return undefined;
  }
}

function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function findFramework(
  folder: string,
  dependencies: Readonly<Record<string, unknown>>,
  isNode: boolean,
): string | undefined {
  const known = nodeFrameworks.find(({ dependency }) => Object.hasOwn(dependencies, dependency));
  if (known !== undefined) return known.name;
  const other = otherFrameworks.find(([file, pattern]) => pattern.test(readText(folder, file) ?? ""));
  return other?.[2] ?? (isNode ? "node" : undefined);
}

function findPackageManager(
  folder: string,
  manifest: Readonly<Record<string, unknown>>,
): Project["packageManager"] {
  const named = /^(npm|pnpm|yarn|bun)@/.exec(String(manifest["packageManager"]))?.[1];
  if (named !== undefined) return named as Project["packageManager"];
  const lock = Object.entries(lockFiles).find(([file]) => existsSync(join(folder, file)));
  return lock?.[1] ?? "npm";
}

function findStore(
  folder: string,
  dependencies: Readonly<Record<string, unknown>>,
  environment: Environment,
): Pick<Project, "store" | "storeSource"> {
  const texts = environmentFiles.map((file) => [file, readText(folder, file) ?? ""] as const);
  const url = `DATABASE_URL=${environment["DATABASE_URL"] ?? ""}`;
  for (const [source, text] of [["DATABASE_URL", url] as const, ...texts]) {
    const scheme = /^\s*(?:export\s+)?DATABASE_URL\s*=\s*["']?(postgres|mysql|mariadb)(?:ql)?:/m.exec(
      text,
    )?.[1];
    if (scheme !== undefined)
      return {
        store: scheme === "postgres" ? "postgres" : "mysql",
        storeSource: source === "DATABASE_URL" ? source : `DATABASE_URL in ${source}`,
      };
  }
  const clients = {
    pg: "postgres",
    mysql2: "mysql",
    ioredis: "redis",
    redis: "redis",
    "@nats-io/transport-node": "nats",
    etcd3: "etcd",
  } as const;
  const client = Object.entries(clients).find(([name]) => Object.hasOwn(dependencies, name));
  if (client === undefined) return { store: "sqlite", storeSource: undefined };
  return { store: client[1], storeSource: `the package ${client[0]}` };
}

function findPlatforms(folder: string): readonly string[] {
  const found = Object.entries(platformFiles)
    .filter(([file]) => existsSync(join(folder, file)))
    .map(([, platform]) => platform);
  try {
    if (readdirSync(join(folder, ".github/workflows")).some((name) => /\.ya?ml$/.test(name)))
      found.push("github-actions");
  } catch {
    // No workflows.
  }
  return [...new Set(found)];
}
