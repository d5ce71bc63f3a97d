import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { planEdits, type Plan } from "../../src/cli/init/edits.ts";
import { nodeFrameworks, otherFrameworks, platformFiles } from "../../src/cli/init/known.ts";
import { findProject } from "../../src/cli/init/project.ts";

/*
 * What `intermission init` says for each framework, store and platform. Each answer is its own: it is run on
 * small projects, written for the purpose.
 */

export interface Lines {
  /** The file they go into. Undefined: a command, or a line for a place that only a person finds. */
  readonly file: string | undefined;
  /** As `init` prints them: `+` before what is new, a space before what is there. */
  readonly lines: readonly string[];
}

export interface Choice {
  readonly id: string;
  readonly title: string;
  /** On the site. */
  readonly guide?: string;
}

export interface Picker {
  readonly frameworks: readonly (Choice & { readonly isNode: boolean; readonly app: readonly Lines[] })[];
  readonly stores: readonly (Choice & { readonly install: readonly Lines[] })[];
  readonly platforms: readonly Choice[];
  /** By store, then by platform. */
  readonly environment: Readonly<Record<string, Readonly<Record<string, readonly Lines[]>>>>;
  /** By platform. */
  readonly deploy: Readonly<Record<string, readonly Lines[]>>;
}

type Files = Readonly<Record<string, string>>;

const titles: Readonly<Record<string, string>> = {
  nest: "NestJS",
  adonis: "AdonisJS",
  sveltekit: "SvelteKit",
  "react-router": "React Router",
  next: "Next.js",
  hapi: "hapi",
  h3: "h3",
  node: "Another, on Node",
  fastapi: "FastAPI",
  postgres: "PostgreSQL",
  mysql: "MySQL, MariaDB",
  nats: "NATS JetStream",
  etcd: "etcd",
  sqlite: "SQLite, on one machine",
  own: "A server of your own",
  fly: "Fly.io",
  "github-actions": "GitHub Actions",
};

const titleOf = (id: string): string => titles[id] ?? id.charAt(0).toUpperCase() + id.slice(1);

/** The line by which `init` finds an app. */
const apps: Files = {
  express: "const app = express();",
  koa: "const app = new Koa();",
  hono: "const app = new Hono();",
  fastify: "const app = Fastify();",
};

/** The package by which `init` finds a store. */
const clients: Readonly<Record<string, string | undefined>> = {
  postgres: "pg",
  mysql: "mysql2",
  redis: "ioredis",
  nats: "@nats-io/transport-node",
  etcd: "etcd3",
  sqlite: undefined,
};

const platformTexts: Files = {
  Procfile: "web: node app.js\nrelease: npm run migrate\n",
  "fly.toml": '[deploy]\n  release_command = "npm run migrate"\n',
  Dockerfile: 'FROM node:24\nCOPY . .\nCMD ["node", "app.js"]\n',
};

const otherTexts: Files = {
  django: "Django==5.2\n",
  flask: "Flask==3.1\n",
  fastapi: "fastapi==0.120\n",
  rails: 'gem "rails"\n',
  laravel: '{ "require": { "laravel/framework": "^12.0" } }\n',
  go: "module shop\n",
};

const nodeNames = [...new Set(nodeFrameworks.map(({ name }) => name)), "node"];
const otherNames = [...new Set(otherFrameworks.map(([, , name]) => name))];
const storeNames = Object.keys(clients);
const platformNames = ["own", ...new Set(Object.values(platformFiles)), "github-actions"];

/** The files that make `init` find this framework, store and platform. */
export function projectOf(framework: string, store: string, platform: string): Files {
  const client = clients[store];
  const dependency = nodeFrameworks.find(({ name }) => name === framework)?.dependency;
  const platformFile = Object.entries(platformFiles).find(([, name]) => name === platform)?.[0];
  const other = otherFrameworks.find(([, , name]) => name === framework);
  const dependencies = [
    ...(client === undefined ? [] : [client]),
    ...(dependency === undefined ? [] : [dependency]),
  ];
  return {
    ...(other === undefined
      ? {
          "package.json": JSON.stringify({
            type: "module",
            dependencies: Object.fromEntries(dependencies.map((name) => [name, "*"])),
          }),
          "app.js": `${apps[framework] ?? ""}\n`,
        }
      : {
          [other[0]]: otherTexts[framework] ?? "",
          ...(["postgres", "mysql"].includes(store) ? { ".env": `DATABASE_URL=${store}://\n` } : {}),
        }),
    ...(platformFile === undefined ? {} : { [platformFile]: platformTexts[platformFile] ?? "" }),
    ...(platform === "github-actions" ? { ".github/workflows/deploy.yml": "on: push\n" } : {}),
  };
}

/** What `init` plans for a project of these files. */
export function planFor(files: Files): Plan {
  const folder = mkdtempSync(join(tmpdir(), "intermission-picker-"));
  try {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    }
    // As for a new project, whatever runs this.
    return planEdits({ ...findProject(folder, {}), installed: new Set(), hasSqlite: true });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function toLines({ edits, byHand }: Plan): readonly Lines[] {
  return [
    ...edits.map(({ file, diff }) => ({
      file,
      lines: diff.filter((line) => !line.startsWith("@@") && line.trim() !== ""),
    })),
    ...byHand.map((text) => ({ file: undefined, lines: [text] })),
  ];
}

const isInstall = ({ lines: [line = ""] }: Lines): boolean =>
  /^(?:npm install|pnpm add|yarn add|bun add) /.test(line);
const isEnvironment = ({ file = "", lines }: Lines): boolean =>
  file.startsWith(".env") ||
  lines.some((line) => /^\+(?:ARG RELEASE|ENV MAINTENANCE)|^Set MAINTENANCE_/.test(line));
const isDeploy = ({ lines }: Lines): boolean =>
  lines.some((line) => /intermission (?:deploy|create-release)/.test(line));
const isApp = (lines: Lines): boolean => !isInstall(lines) && !isEnvironment(lines) && !isDeploy(lines);

export function createPicker(): Picker {
  const plan = (framework: string, store: string, platform: string): readonly Lines[] =>
    toLines(planFor(projectOf(framework, store, platform)));
  return {
    frameworks: [...nodeNames, ...otherNames].map((id) => ({
      id,
      title: titleOf(id),
      isNode: nodeNames.includes(id),
      guide: guideOf(id),
      app: plan(id, "sqlite", "own").filter(isApp),
    })),
    stores: storeNames.map((id) => ({
      id,
      title: titleOf(id),
      guide: "stores.html",
      install: plan("node", id, "own").filter(isInstall),
    })),
    platforms: platformNames.map((id) => ({ id, title: titleOf(id) })),
    environment: Object.fromEntries(
      storeNames.map((store) => [
        store,
        Object.fromEntries(
          platformNames.map((platform) => [platform, plan("node", store, platform).filter(isEnvironment)]),
        ),
      ]),
    ),
    deploy: Object.fromEntries(
      platformNames.map((platform) => [platform, plan("node", "sqlite", platform).filter(isDeploy)]),
    ),
  };
}

function guideOf(framework: string): string {
  if (framework === "node") return "frameworks/index.html#no-code-at-all";
  if (otherNames.includes(framework)) return `recipes/${framework}.html`;
  return `frameworks/${framework === "nuxt" ? "nitro" : framework}.html`;
}
