import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { afterEach, describe, expect, test } from "vitest";
import { createOutput } from "../terminal/output.ts";
import { run } from "../run.ts";

const home = process.cwd();
const folders: string[] = [];

afterEach(() => {
  process.chdir(home);
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

type Files = Readonly<Record<string, string>>;

const git = (folder: string, ...words: readonly string[]): void => {
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.test", ...words], { cwd: folder });
};

/** A folder with these files, all of them committed to git. */
function project(files: Files): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "intermission-init-")));
  folders.push(folder);
  write(folder, files);
  git(folder, "init", "-q");
  git(folder, "add", "-A");
  git(folder, "commit", "-qm", "start", "--allow-empty");
  return folder;
}

function write(folder: string, files: Files): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}

const textOf = (folder: string, file: string): string => readFileSync(join(folder, file), "utf8");

async function init(
  folder: string,
  ...words: readonly string[]
): Promise<{ readonly status: number; readonly text: string }> {
  process.chdir(folder);
  let text = "";
  const sink = { write: (piece: string) => (text += piece) };
  const json = words.includes("--json");
  const output = createOutput({ stdout: sink, stderr: sink, json, environment: {} });
  const status = await run(["init", ...words], { environment: {}, output });
  return { status, text };
}

const manifest = (dependencies: Files, more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ name: "shop", dependencies, ...more });

interface Case {
  readonly name: string;
  readonly files: Files;
  readonly found: Readonly<Record<string, unknown>>;
  /** A file's content afterwards. */
  readonly holds: Files;
  readonly byHand: readonly string[];
}

const apps: readonly Case[] = [
  {
    name: "Express in ECMAScript modules on Fly",
    files: {
      "package.json": manifest({ express: "5", pg: "8" }, { type: "module" }),
      "package-lock.json": "{}",
      "server.js": 'import express from "express";\n\nconst app = express();\napp.listen(3000);\n',
      "fly.toml": 'app = "shop"\n\n[deploy]\n  release_command = "npm run migrate"\n',
    },
    found: { framework: "express", packageManager: "npm", store: "postgres", platforms: ["fly"] },
    holds: {
      "server.js":
        'import { maintenancePage } from "intermission/express";\nimport express from "express";\n\nconst app = express();\napp.use(maintenancePage());\napp.listen(3000);\n',
      "fly.toml":
        'app = "shop"\n\n[deploy]\n  release_command = "npx intermission deploy -- npm run migrate"\n',
    },
    byHand: ["npm install intermission"],
  },
  {
    name: "Express in CommonJS on Heroku, with Windows line ends",
    files: {
      "package.json": manifest({ express: "4" }),
      "yarn.lock": "",
      "app.js": 'const express = require("express");\r\nconst app = express();\r\n',
      Procfile: "web: node app.js\nrelease: npm run migrate\n",
    },
    found: { framework: "express", packageManager: "yarn", store: "sqlite", platforms: ["heroku"] },
    holds: {
      "app.js":
        'const { maintenancePage } = require("intermission/express");\r\nconst express = require("express");\r\nconst app = express();\r\napp.use(maintenancePage());\r\n',
      Procfile: "web: node app.js\nrelease: npx intermission deploy -- npm run migrate\n",
    },
    byHand: [`yarn add intermission${isBuiltin("node:sqlite") ? "" : " libsql"}`],
  },
  {
    name: "Express in TypeScript with pnpm and GitHub Actions",
    files: {
      "package.json": manifest({ express: "5" }),
      "pnpm-lock.yaml": "",
      "src/index.ts": 'import express from "express";\nexport const app: express.Express = express();\n',
      ".github/workflows/deploy.yml": "on: push\n",
      ".env.example": "DATABASE_URL=postgresql://localhost/shop\n",
    },
    found: {
      framework: "express",
      packageManager: "pnpm",
      store: "postgres",
      platforms: ["github-actions"],
    },
    holds: {
      "src/index.ts":
        'import { maintenancePage } from "intermission/express";\nimport express from "express";\nexport const app: express.Express = express();\napp.use(maintenancePage());\n',
      ".env.example": "DATABASE_URL=postgresql://localhost/shop\nMAINTENANCE_PAGE_RELEASE=v1.0\n",
    },
    byHand: ["pnpm add intermission pg", "npx intermission create-release"],
  },
  {
    name: "Fastify in a container",
    files: {
      "package.json": manifest({ fastify: "5", ioredis: "5" }, { type: "module" }),
      "index.js": 'import Fastify from "fastify";\nconst app = Fastify({ logger: true });\n',
      Dockerfile: 'FROM node:22\nCMD ["node", "index.js"]\n',
    },
    found: { framework: "fastify", packageManager: "npm", store: "redis", platforms: ["docker"] },
    holds: {
      "index.js":
        'import { maintenancePage } from "intermission/fastify";\nimport Fastify from "fastify";\nconst app = Fastify({ logger: true });\napp.register(maintenancePage);\n',
      Dockerfile:
        'FROM node:22\nARG RELEASE\nENV MAINTENANCE_PAGE_RELEASE=$RELEASE\nCMD ["node", "index.js"]\n',
    },
    byHand: ["Set MAINTENANCE_PAGE_RELEASE and MAINTENANCE_STORE for every instance"],
  },
  {
    name: "Koa with Bun",
    files: {
      "package.json": manifest({ koa: "3", mysql2: "3" }, { type: "module" }),
      "bun.lock": "",
      "app.js": 'import Koa from "koa";\nconst app = new Koa();\n',
    },
    found: { framework: "koa", packageManager: "bun", store: "mysql", platforms: [] },
    holds: {
      "app.js":
        'import { maintenancePage } from "intermission/koa";\nimport Koa from "koa";\nconst app = new Koa();\napp.use(maintenancePage());\n',
    },
    byHand: ["bun add intermission\n"],
  },
  {
    name: "Hono",
    files: {
      "package.json": manifest({ hono: "4" }, { type: "module" }),
      "src/index.ts": 'import { Hono } from "hono";\nconst app = new Hono<{ Bindings: Env }>();\n',
    },
    found: { framework: "hono" },
    holds: {
      "src/index.ts":
        'import { maintenancePage } from "intermission/hono";\nimport { Hono } from "hono";\nconst app = new Hono<{ Bindings: Env }>();\napp.use(maintenancePage());\n',
    },
    byHand: ["npm install intermission"],
  },
  {
    name: "NestJS on Express, which it brings along",
    files: {
      "package.json": manifest({ "@nestjs/core": "11", express: "5", intermission: "0.2" }),
      "src/main.ts": "",
      "src/app.module.ts":
        'import { Module } from "@nestjs/common";\n\n@Module({\n  imports: [],\n  controllers: [],\n})\nexport class AppModule {}\n',
    },
    found: { framework: "nest" },
    holds: {
      "src/main.ts": "",
      "src/app.module.ts":
        'import { MaintenancePageModule } from "intermission/nest";\nimport { Module } from "@nestjs/common";\n\n@Module({\n  imports: [MaintenancePageModule.forRoot()],\n  controllers: [],\n})\nexport class AppModule {}\n',
    },
    byHand: ["Set MAINTENANCE_PAGE_RELEASE"],
  },
  {
    name: "NestJS with modules on several lines",
    files: {
      "package.json": manifest({ "@nestjs/core": "11" }),
      "src/app.module.ts":
        'import { Module } from "@nestjs/common";\n@Module({\n  imports: [\n    ConfigModule.forRoot(),\n  ],\n})\nexport class AppModule {}\n',
    },
    found: { framework: "nest" },
    holds: {
      "src/app.module.ts":
        'import { MaintenancePageModule } from "intermission/nest";\nimport { Module } from "@nestjs/common";\n@Module({\n  imports: [\n    MaintenancePageModule.forRoot(),\n    ConfigModule.forRoot(),\n  ],\n})\nexport class AppModule {}\n',
    },
    byHand: ["npm install intermission"],
  },
  {
    name: "NestJS whose root module is elsewhere",
    files: { "package.json": manifest({ "@nestjs/core": "11" }), "src/main.ts": "" },
    found: { framework: "nest" },
    holds: { "src/main.ts": "" },
    byHand: ["imports: [MaintenancePageModule.forRoot()]   # from intermission/nest"],
  },
  {
    name: "Next.js on Vercel",
    files: { "package.json": manifest({ next: "16" }), "vercel.json": "{}" },
    found: { framework: "next", platforms: ["vercel"] },
    holds: {
      "instrumentation.js":
        'import { maintenancePage } from "intermission/next";\n\nexport const { register, onRequestError } = maintenancePage();\n',
    },
    byHand: ['serverExternalPackages: ["intermission"],   # in next.config.js'],
  },
  {
    name: "Next.js built for an image",
    files: {
      "package.json": manifest({ next: "16", pg: "8" }),
      "tsconfig.json": "{}",
      "src/app/page.tsx": "",
      Dockerfile: "FROM node:24\n",
      "next.config.ts":
        'import type { NextConfig } from "next";\n\nconst nextConfig: NextConfig = {\n  output: "standalone",\n};\n\nexport default nextConfig;\n',
    },
    found: { framework: "next", platforms: ["docker"] },
    holds: {
      "src/instrumentation.ts":
        'import { maintenancePage } from "intermission/next";\n\nexport const { register, onRequestError } = maintenancePage();\n',
      "next.config.ts":
        'import type { NextConfig } from "next";\n\nconst nextConfig: NextConfig = {\n  serverExternalPackages: ["intermission"],\n  outputFileTracingIncludes: { "/*": ["node_modules/intermission/**/*"] },\n  output: "standalone",\n};\n\nexport default nextConfig;\n',
    },
    byHand: ["node node_modules/intermission/dist/cli/main.js create-release"],
  },
  {
    name: "Next.js built for an image, on Fly",
    files: {
      "package.json": manifest({ next: "16" }),
      "next.config.js": "module.exports = {\n  output: 'standalone',\n};\n",
      "fly.toml": '[deploy]\n  release_command = "node migrate.js"\n',
    },
    found: { framework: "next", platforms: ["fly"] },
    holds: {
      "fly.toml":
        '[deploy]\n  release_command = "node node_modules/intermission/dist/cli/main.js deploy -- node migrate.js"\n',
    },
    byHand: ["Set MAINTENANCE_STORE"],
  },
  {
    name: "Next.js with an instrumentation and a configuration of its own",
    files: {
      "package.json": manifest({ next: "16" }),
      "instrumentation.ts": "export function register() {}\n",
      "next.config.mjs": 'export default {\n  serverExternalPackages: ["sharp"],\n};\n',
    },
    found: { framework: "next" },
    holds: {
      "instrumentation.ts": "export function register() {}\n",
      "next.config.mjs": 'export default {\n  serverExternalPackages: ["sharp"],\n};\n',
    },
    byHand: ["maintenancePage()   # from intermission/next", "# in next.config.mjs"],
  },
  {
    name: "SvelteKit",
    files: { "package.json": manifest({ "@sveltejs/kit": "2" }) },
    found: { framework: "sveltekit" },
    holds: {
      "src/hooks.server.js":
        'import { maintenancePage } from "intermission/sveltekit";\n\nexport const handle = maintenancePage();\n',
    },
    byHand: ["npm install intermission"],
  },
  {
    name: "Nuxt",
    files: { "package.json": manifest({ nuxt: "4" }), "tsconfig.json": "{}" },
    found: { framework: "nuxt" },
    holds: {
      "server/plugins/maintenance.ts":
        'import { maintenancePage } from "intermission/nitro";\n\nexport default maintenancePage();\n',
    },
    byHand: ["npm install intermission"],
  },
  {
    name: "Astro whose middleware is a folder",
    files: { "package.json": manifest({ astro: "6" }), "src/middleware/index.ts": "" },
    found: { framework: "astro" },
    holds: { "src/middleware/index.ts": "" },
    byHand: ["export const onRequest = maintenancePage()   # from intermission/astro"],
  },
  {
    name: "a server of Node alone",
    files: { "package.json": manifest({}), "server.js": "" },
    found: { framework: "node" },
    holds: { "server.js": "" },
    byHand: ["node --import intermission/auto server.js"],
  },
  {
    name: "Django with compose",
    files: { "requirements.txt": "Django==5.2\n", "compose.yaml": "services: {}\n" },
    found: { framework: "django", packageManager: null, platforms: ["compose"] },
    holds: {},
    byHand: ["npx intermission gateway"],
  },
  {
    name: "Rails with Kamal",
    files: { Gemfile: 'gem "rails"\n', "config/deploy.yml": "service: shop\n" },
    found: { framework: "rails", platforms: ["kamal"] },
    holds: {},
    byHand: ["npx intermission gateway", "npx intermission create-release"],
  },
  {
    name: "an empty folder",
    files: {},
    found: { framework: null, packageManager: null, store: "sqlite", platforms: [] },
    holds: {},
    byHand: ["npx intermission gateway"],
  },
];

describe.each(apps)("$name", ({ files, found, holds, byHand }) => {
  test("is found out, and shown without a change", async () => {
    const folder = project(files);
    const { status, text } = await init(folder, "--json");
    expect(status).toBe(0);
    const document = JSON.parse(text) as { found: unknown; byHand: string[]; edits: { written: boolean }[] };
    expect(document.found).toMatchObject(found);
    for (const words of byHand) expect(document.byHand.join("\n")).toContain(words);
    expect(document.edits.some(({ written }) => written)).toBe(false);
    for (const [file, before] of Object.entries(files)) expect(textOf(folder, file)).toBe(before);
  });

  test("gets its lines once", async () => {
    const folder = project(files);
    expect((await init(folder, "--write", "--yes")).status).toBe(0);
    for (const [file, after] of Object.entries(holds)) expect(textOf(folder, file)).toBe(after);
    git(folder, "add", "-A");
    git(folder, "commit", "-qm", "init", "--allow-empty");
    expect(JSON.parse((await init(folder, "--json")).text)).toMatchObject({ edits: [] });
  });
});

describe("a file that git can't give back", () => {
  const files = {
    "package.json": manifest({ koa: "3" }, { type: "module" }),
    "app.js": 'import Koa from "koa";\nconst app = new Koa();\n',
  };

  test("stays untouched where it has changes: status 1, and the others are written", async () => {
    const folder = project(files);
    const changed = `${files["app.js"]}// mine\n`;
    write(folder, { "app.js": changed });
    const { status, text } = await init(folder, "--write", "--yes");
    expect(status).toBe(1);
    expect(text).toContain("git does not have this file as it is");
    expect(textOf(folder, "app.js")).toBe(changed);
    expect(textOf(folder, ".env.example")).toContain("MAINTENANCE_PAGE_RELEASE");
  });

  test("stays untouched where it is not in git, and where there is no git", async () => {
    const folder = project({ "package.json": files["package.json"] });
    write(folder, { "app.js": files["app.js"] });
    expect((await init(folder, "--write", "--yes")).status).toBe(1);
    rmSync(join(folder, ".git"), { recursive: true });
    expect((await init(folder, "--write", "--yes")).status).toBe(1);
    expect(textOf(folder, "app.js")).toBe(files["app.js"]);
  });
});
