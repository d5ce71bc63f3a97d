import { existsSync } from "node:fs";
import { join } from "node:path";
import { append, toEdit, type Change, type Edit } from "./diff.ts";
import { nodeFrameworks, type NodeFramework } from "./known.ts";
import { readText, type Project } from "./project.ts";

export interface Plan {
  readonly edits: readonly Edit[];
  /** What a person must do, one sentence or command each. */
  readonly byHand: readonly string[];
}

const installs = { npm: "npm install", pnpm: "pnpm add", yarn: "yarn add", bun: "bun add" } as const;
const clients = {
  postgres: "pg",
  mysql: "mysql2",
  redis: "ioredis",
  nats: "@nats-io/transport-node",
  etcd: undefined,
  sqlite: undefined,
} as const;

/** Platforms that set a release themselves. */
const knowsRelease = new Set(["fly", "heroku", "kamal", "render", "vercel"]);

const storeUrls = {
  postgres: "postgres://USER:PASSWORD@HOST/DATABASE",
  mysql: "mysql://USER:PASSWORD@HOST/DATABASE",
  redis: "redis://USER:PASSWORD@HOST:6379/0",
  nats: "nats://USER:PASSWORD@HOST:4222",
  etcd: "etcd://USER:PASSWORD@HOST:2379",
  sqlite: "sqlite:/var/lib/intermission/state.db",
} as const;

/** How to add an adapter to an app held in a variable. */
const mounts: Readonly<Record<string, (app: string) => string>> = {
  express: (app) => `${app}.use(maintenancePage());`,
  koa: (app) => `${app}.use(maintenancePage());`,
  hono: (app) => `${app}.use(maintenancePage());`,
  fastify: (app) => `${app}.register(maintenancePage);`,
};

const creations: Readonly<Record<string, RegExp>> = {
  express: /^\s*(?:export\s+)?(?:const|let|var)\s+(\w+)(?:\s*:[^=]+)?\s*=\s*express\(\s*\)/,
  koa: /^\s*(?:export\s+)?(?:const|let|var)\s+(\w+)\s*=\s*new\s+Koa\(\s*\)/,
  hono: /^\s*(?:export\s+)?(?:const|let|var)\s+(\w+)\s*=\s*new\s+Hono(?:<.*>)?\(\s*\)/,
  fastify: /^\s*(?:export\s+)?(?:const|let|var)\s+(\w+)\s*=\s*[Ff]astify\(.*\)/,
};

const entries = ["src/", "", "app/"].flatMap((folder) =>
  ["app", "server", "index", "main"].flatMap((name) =>
    ["ts", "mts", "js", "mjs", "cjs"].map((ending) => `${folder}${name}.${ending}`),
  ),
);

/** The edits that add a maintenance page to a project. */
export function planEdits(project: Project): Plan {
  return together(...[planInstall, planApp, planEnvironment, planDeploy].map((plan) => plan(project)));
}

const together = (...plans: readonly Plan[]): Plan => ({
  edits: plans.flatMap(({ edits }) => edits),
  byHand: plans.flatMap(({ byHand }) => byHand),
});

const hand = (...byHand: readonly string[]): Plan => ({ edits: [], byHand });

function planInstall({ packageManager, store, installed, hasSqlite }: Project): Plan {
  if (packageManager === undefined) return hand();
  const client = store === "sqlite" && !hasSqlite ? "libsql" : clients[store];
  const missing = ["intermission", client].filter((name) => name !== undefined && !installed.has(name));
  return missing.length === 0 ? hand() : hand([installs[packageManager], ...missing].join(" "));
}

function planApp(project: Project): Plan {
  const { framework, packageManager, folder } = project;
  if (packageManager === undefined) {
    return hand(
      "npx intermission gateway --upstream http://127.0.0.1:8000   # before the app; set the app's own address",
    );
  }
  const mount = framework === undefined ? undefined : mounts[framework];
  if (framework !== undefined && mount !== undefined) {
    for (const file of entries) {
      const text = readText(folder, file);
      if (text === undefined) continue;
      if (text.includes("intermission/")) return hand();
      const changes = mountIn(text, file, framework, mount, project.modules);
      if (changes !== undefined) return { edits: [toEdit(file, text, changes)], byHand: [] };
    }
  }
  if (framework === "node" || mount !== undefined)
    return hand("node --import intermission/auto server.js   # in place of: node server.js");
  const known = nodeFrameworks.find(({ name }) => name === framework);
  if (known?.line === undefined)
    return hand(`Add the page to the app as the guide of intermission/${String(framework)} says.`);
  return together(planFile(project, known, known.line), planNextConfig(project));
}

/** The line of a framework that has a file of its own for it, or a module to import it into. */
function planFile({ folder }: Project, { name, place, file, module }: NodeFramework, line: string): Plan {
  const specifier = name === "nuxt" ? "nitro" : name;
  const exists = (path: string): boolean => existsSync(join(folder, path));
  const byHand = hand(
    `${line}   # from intermission/${specifier}; ${place === undefined ? "before anything else" : `in ${place}`}`,
  );
  if (file !== undefined) {
    const path = file(exists);
    const found = ["", ".ts", ".mts", ".js", ".mjs"].map((ending) => path + ending).find(exists);
    if (found !== undefined)
      return readText(folder, found)?.includes("intermission/") === true ? hand() : byHand;
    const lines = [`import { maintenancePage } from "intermission/${specifier}";`, "", `${line};`];
    const ending = exists("tsconfig.json") ? "ts" : "js";
    return { edits: [append(`${path}.${ending}`, undefined, lines)], byHand: [] };
  }
  for (const path of module === undefined ? [] : [`${module}.ts`, `${module}.js`]) {
    const text = readText(folder, path);
    if (text?.includes("intermission/") === true) return hand();
    const changes = text === undefined ? undefined : importIn(text, line, specifier);
    if (text !== undefined && changes !== undefined)
      return { edits: [toEdit(path, text, changes)], byHand: [] };
  }
  return byHand;
}

/** Adds what `line` has in its list to the module's one list of imports. */
function importIn(text: string, line: string, specifier: string): readonly Change[] | undefined {
  const entry = /\[(.*)\]/.exec(line)?.[1] ?? "";
  const lines = text.split(/\r?\n/);
  const first = lines.findIndex((each) => each.startsWith("import "));
  const [at, ...others] = lines.flatMap((each, index) => (/\bimports:\s*\[/.test(each) ? [index] : []));
  const list = at === undefined ? undefined : lines[at];
  if (first === -1 || at === undefined || list === undefined || others.length > 0) return undefined;
  const opened = list.indexOf("[", list.indexOf("imports:")) + 1;
  const rest = list.slice(opened);
  const added =
    rest.trim() === ""
      ? [list, `${/^\s*/.exec(list)?.[0] ?? ""}  ${entry},`]
      : [`${list.slice(0, opened)}${entry}${rest.startsWith("]") ? "" : ", "}${rest}`];
  const name = entry.replace(/\..*/, "");
  return [
    { at: first, remove: 0, add: [`import { ${name} } from "intermission/${specifier}";`] },
    { at, remove: 1, add: added },
  ];
}

/** Next.js would bundle the package, and leave out of a standalone build what only the command line loads. */
function planNextConfig({ framework, folder }: Project): Plan {
  if (framework !== "next") return hand();
  const { file, text, isStandalone } = readNextConfig(folder);
  if (text.includes("intermission")) return hand();
  const lines = [
    '  serverExternalPackages: ["intermission"],',
    ...(isStandalone ? ['  outputFileTracingIncludes: { "/*": ["node_modules/intermission/**/*"] },'] : []),
  ];
  const starts = text
    .split(/\r?\n/)
    .flatMap((line, index) =>
      /^(?:const nextConfig\b.*=|export default|module\.exports =) \{\s*$/.test(line) ? [index] : [],
    );
  const [start] = starts;
  if (
    file === undefined ||
    start === undefined ||
    starts.length > 1 ||
    text.includes("serverExternalPackages")
  )
    return hand(...lines.map((line) => `${line.trim()}   # in ${file ?? "next.config.js"}`));
  return { edits: [toEdit(file, text, [{ at: start + 1, remove: 0, add: lines }])], byHand: [] };
}

function readNextConfig(folder: string): {
  /** Undefined: there is none. */
  readonly file: string | undefined;
  readonly text: string;
  readonly isStandalone: boolean;
} {
  const file = ["ts", "mjs", "js"]
    .map((ending) => `next.config.${ending}`)
    .find((name) => readText(folder, name));
  const text = file === undefined ? "" : (readText(folder, file) ?? "");
  return { file, text, isStandalone: /output:\s*["']standalone["']/.test(text) };
}

function mountIn(
  text: string,
  file: string,
  framework: string,
  mount: (app: string) => string,
  modules: boolean,
): readonly Change[] | undefined {
  const lines = text.split(/\r?\n/);
  const at = lines.findIndex((line) => creations[framework]?.test(line) === true);
  const created = lines[at];
  const app = created === undefined ? undefined : creations[framework]?.exec(created)?.[1];
  // Only a parser could find the end of a statement on several lines.
  if (created === undefined || app === undefined || !/\)\s*;?\s*$/.test(created)) return undefined;
  const usesImport = /\.m?ts$|\.mjs$/.test(file) || (modules && file.endsWith(".js"));
  const specifier = `intermission/${framework}`;
  const firstImport = lines.findIndex((line) => /^(?:import\b|(?:const|var|let)\b.*\brequire\()/.test(line));
  return [
    {
      at: Math.max(0, firstImport),
      remove: 0,
      add: [
        usesImport
          ? `import { maintenancePage } from "${specifier}";`
          : `const { maintenancePage } = require("${specifier}");`,
      ],
    },
    { at: at + 1, remove: 0, add: [(/^\s*/.exec(created)?.[0] ?? "") + mount(app)] },
  ];
}

function planEnvironment({ folder, store, storeSource, platforms }: Project): Plan {
  const edits: Edit[] = [];
  const lines = [
    ...(platforms.some((platform) => knowsRelease.has(platform)) ? [] : ["MAINTENANCE_PAGE_RELEASE=v1.0"]),
    ...(storeSource?.startsWith("DATABASE_URL") === true ? [] : [`MAINTENANCE_STORE=${storeUrls[store]}`]),
  ];
  const dockerfile = readText(folder, "Dockerfile");
  const file = [".env.example", ".env.sample"].find((name) => readText(folder, name) !== undefined);
  const text = file === undefined ? "" : (readText(folder, file) ?? "");
  if (lines.length > 0 && !/^(?:#\s*)?MAINTENANCE_/m.test(text))
    edits.push(append(file ?? ".env.example", file === undefined ? undefined : text, lines));
  if (dockerfile !== undefined && !dockerfile.includes("MAINTENANCE_PAGE_RELEASE") && lines.length > 0) {
    const docker = ["ARG RELEASE", "ENV MAINTENANCE_PAGE_RELEASE=$RELEASE"];
    const all = dockerfile.split(/\r?\n/);
    const command = all.findIndex((line) => /^(?:CMD|ENTRYPOINT)\b/i.test(line));
    edits.push(
      command === -1
        ? append("Dockerfile", dockerfile, docker)
        : toEdit("Dockerfile", dockerfile, [{ at: command, remove: 0, add: docker }]),
    );
  }
  const names = lines.map((line) => line.replace(/=.*/, "")).join(" and ");
  return {
    edits,
    byHand: names === "" ? [] : [`Set ${names} for every instance, and where the deploy runs.`],
  };
}

function planDeploy({ folder, platforms, framework }: Project): Plan {
  // The image of a standalone build of Next.js has no npx.
  const cli =
    framework === "next" && readNextConfig(folder).isStandalone
      ? "node node_modules/intermission/dist/cli/main.js"
      : "npx intermission";
  const procfile = readText(folder, "Procfile");
  if (procfile !== undefined) return planLine("Procfile", procfile, /^(release:\s*)(.+)$/, "release: ");
  const fly = readText(folder, "fly.toml");
  if (fly !== undefined) {
    if (fly.includes("intermission")) return hand();
    const lines = fly.split(/\r?\n/);
    const at = lines.findIndex((line) => /^\s*release_command\s*=\s*"[^"\\]*"\s*$/.test(line));
    const line = lines[at];
    if (line !== undefined) {
      const wrapped = line.replace(/"(.*)"/, `"${cli} deploy -- $1"`);
      return { edits: [toEdit("fly.toml", fly, [{ at, remove: 1, add: [wrapped] }])], byHand: [] };
    }
    const section = lines.findIndex((text) => /^\s*\[deploy\]\s*$/.test(text));
    const command = `  release_command = "${cli} create-release"`;
    const edit =
      section === -1
        ? append("fly.toml", fly, ["", "[deploy]", command])
        : toEdit("fly.toml", fly, [{ at: section + 1, remove: 0, add: [command] }]);
    return { edits: [edit], byHand: [] };
  }
  const where = platforms.includes("github-actions") ? "as a step of the workflow, " : "";
  return hand(`${cli} create-release   # ${where}on the new machine, before the migrations`);
}

function planLine(file: string, text: string, pattern: RegExp, start: string): Plan {
  if (text.includes("intermission")) return hand();
  const lines = text.split(/\r?\n/);
  const at = lines.findIndex((line) => pattern.test(line));
  const match = pattern.exec(lines[at] ?? "");
  if (match === null)
    return { edits: [append(file, text, [`${start}npx intermission create-release`])], byHand: [] };
  const wrapped = `${match[1] ?? ""}npx intermission deploy -- ${match[2] ?? ""}`;
  return { edits: [toEdit(file, text, [{ at, remove: 1, add: [wrapped] }])], byHand: [] };
}
