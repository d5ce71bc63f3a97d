/*
 * Every framework on every version of Node: packs the package, installs it beside each framework, runs smoke.js in each
 * pair and writes the table of docs/compatibility.md. What it installs is kept in a cache folder
 * (MATRIX_CACHE, else one in the system's temporary folder).
 */
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const root = resolve(import.meta.dirname, "../..");
const cache = process.env.MATRIX_CACHE ?? join(tmpdir(), "intermission-matrix");
const table = join(root, "docs/compatibility.md");
const run = promisify(execFile);

const nodeMajors = [20, 22, 24, 26];

/** `packages`: what the consumer installs beside ours. `version`: the one that the table names. */
const subjects = [
  { title: "`node:http`", smoke: "node:http", packages: [] },
  { title: "Express 4", smoke: "express", packages: ["express@4"], version: "express" },
  { title: "Express 5", smoke: "express", packages: ["express@5"], version: "express" },
  { title: "Fastify 4", smoke: "fastify", packages: ["fastify@4"], version: "fastify" },
  { title: "Fastify 5", smoke: "fastify", packages: ["fastify@5"], version: "fastify" },
  { title: "Koa 2", smoke: "koa", packages: ["koa@2"], version: "koa" },
  { title: "Koa 3", smoke: "koa", packages: ["koa@3"], version: "koa" },
  { title: "Hono 4", smoke: "hono", packages: ["hono@4", "@hono/node-server@2"], version: "hono" },
  ...[10, 11, 12].flatMap((major) => [nest(major, "express"), nest(major, "fastify")]),
  { title: "h3 1, wrapped with `intermission/node`", smoke: "h3-1", packages: ["h3@1"], version: "h3" },
  { title: "h3 2", smoke: "h3", packages: ["h3@2"], version: "h3" },
  { title: "hapi 21", smoke: "hapi", packages: ["@hapi/hapi@21"], version: "@hapi/hapi" },
  { title: "Polka 0.5", smoke: "polka", packages: ["polka@0.5"], version: "polka" },
  { title: "Fetch handler", smoke: "fetch", packages: [] },
  { title: "tRPC 11", smoke: "trpc", packages: ["@trpc/server@11"], version: "@trpc/server" },
  {
    title: "GraphQL Yoga 5",
    smoke: "graphql-yoga",
    packages: ["graphql-yoga@5", "graphql@16"],
    version: "graphql-yoga",
  },
  {
    title: "Apollo Server 5",
    smoke: "apollo",
    packages: ["@apollo/server@5", "graphql@16"],
    version: "@apollo/server",
  },
  {
    title: "`--import intermission/auto`",
    smoke: "auto",
    packages: [],
    flags: ["--import", "intermission/auto"],
  },
];

function nest(major, platform) {
  const names = ["core", "common", `platform-${platform}`];
  return {
    title: `NestJS ${major} on ${platform === "express" ? "Express" : "Fastify"}`,
    smoke: `nest-${platform}`,
    packages: [...names.map((name) => `@nestjs/${name}@${major}`), "reflect-metadata@0.2", "rxjs@7"],
    version: "@nestjs/core",
  };
}

/** Node of one major version, from the npm registry, where it is without an install script. */
async function installNode(major) {
  const folder = join(cache, `node-${major}`);
  const name = `node-${process.platform}-${process.arch}`;
  await mkdir(folder, { recursive: true });
  await npm("install", "--prefix", folder, `${name}@${major}`);
  const path = join(folder, "node_modules", name, "bin/node");
  const { stdout } = await run(path, ["--version"]);
  return { major, path, version: stdout.trim() };
}

/** A folder in which the tarball and one framework are installed. */
async function installSubject(subject, tarball) {
  const folder = join(
    cache,
    subject.title
      .replace(/[^A-Za-z0-9]+/g, "-")
      .replace(/^-|-$/g, "")
      .toLowerCase(),
  );
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  // Node 20 has no SQLite of its own.
  await npm("install", "--prefix", folder, tarball, "libsql@0.5", ...subject.packages);
  await copyFile(join(import.meta.dirname, "smoke.js"), join(folder, "smoke.js"));
  const version = subject.version && (await installedVersion(folder, subject.version));
  return { ...subject, folder, title: version ? `${subject.title} (${version})` : subject.title };
}

async function installedVersion(folder, name) {
  const text = await readFile(join(folder, "node_modules", name, "package.json"), "utf8");
  return JSON.parse(text).version;
}

async function npm(...parameters) {
  await run("npm", [...parameters, "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: cache,
    timeout: 300_000,
  });
}

async function pack() {
  await run("npm", ["run", "build"], { cwd: root });
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", cache], {
    cwd: root,
  });
  return join(cache, JSON.parse(stdout)[0].filename);
}

/** undefined: every answer was right. Else what was not. */
async function smoke(node, subject) {
  const folder = await mkdtemp(join(tmpdir(), "intermission-smoke-"));
  const env = {
    PATH: process.env.PATH,
    // Express writes each error to stderr otherwise.
    NODE_ENV: "test",
    MAINTENANCE_STORE: `sqlite:${join(folder, "state.db")}`,
    MAINTENANCE_PAGE_RELEASE: "v1.0",
  };
  try {
    const parameters = [...(subject.flags ?? []), "smoke.js", subject.smoke];
    await run(node.path, parameters, { cwd: subject.folder, env, timeout: 60_000 });
    return undefined;
  } catch (error) {
    return /AssertionError.*|\w*Error: .*/.exec(error.stderr ?? "")?.[0] ?? error.message;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await mkdir(cache, { recursive: true });
const tarball = await pack();
const nodes = [];
for (const major of nodeMajors) nodes.push(await installNode(major));

const lines = [
  `| | ${nodes.map(({ version }) => `Node ${version.slice(1)}`).join(" | ")} |`,
  `| --- |${" --- |".repeat(nodes.length)}`,
];
const failures = [];
for (const subject of subjects) {
  const installed = await installSubject(subject, tarball);
  const cells = [];
  for (const node of nodes) {
    const failure = await smoke(node, installed);
    if (failure !== undefined) failures.push(`${installed.title} on Node ${node.version}: ${failure}`);
    cells.push(failure === undefined ? "works" : "**fails**");
  }
  lines.push(`| ${installed.title} | ${cells.join(" | ")} |`);
  console.log(lines.at(-1));
}

const text = await readFile(table, "utf8");
const between = /(<!-- matrix: begin -->\n).*(\n<!-- matrix: end -->)/s;
await writeFile(
  table,
  text.replace(between, (_, begin, end) => `${begin}\n${lines.join("\n")}\n${end}`),
);
await run(join(root, "node_modules/.bin/prettier"), ["--write", table]);

for (const failure of failures) console.error(failure);
process.exitCode = failures.length === 0 ? 0 : 1;
