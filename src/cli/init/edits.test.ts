import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isBuiltin } from "node:module";
import { expect, onTestFinished, test } from "vitest";
import { planEdits } from "./edits.ts";
import { findProject } from "./project.ts";

type Files = Readonly<Record<string, string>>;

function folderOf(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), "intermission-edits-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return folder;
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
    found: { framework: "django", packageManager: undefined, platforms: ["compose"] },
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
    found: { framework: undefined, packageManager: undefined, store: "sqlite", platforms: [] },
    holds: {},
    byHand: ["npx intermission gateway"],
  },
];

test.each(apps)("$name: is found, and gets its lines once", ({ files, found, holds, byHand }) => {
  const project = findProject(folderOf(files), {});
  expect(project).toMatchObject(found);
  const plan = planEdits(project);
  for (const words of byHand) expect(plan.byHand.join("\n")).toContain(words);
  const edited = { ...files, ...Object.fromEntries(plan.edits.map(({ file, text }) => [file, text])) };
  expect(edited).toMatchObject(holds);
  expect(planEdits(findProject(folderOf(edited), {})).edits).toEqual([]);
});
