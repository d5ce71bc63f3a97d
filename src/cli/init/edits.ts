import { nodeFrameworks } from "./known.ts";
import { readText, type Project } from "./project.ts";

/** Lines to replace, or to insert before. */
interface Change {
  /** Index of the first line, from 0. */
  readonly at: number;
  readonly remove: number;
  readonly add: readonly string[];
}

export interface Edit {
  readonly file: string;
  /** The file does not exist yet. */
  readonly isNew: boolean;
  readonly text: string;
  /** Unified, without its header. */
  readonly diff: readonly string[];
}

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
  const plans = [planInstall, planApp, planEnvironment, planDeploy].map((plan) => plan(project));
  return {
    edits: plans.flatMap(({ edits }) => edits),
    byHand: plans.flatMap(({ byHand }) => byHand),
  };
}

const hand = (...byHand: readonly string[]): Plan => ({ edits: [], byHand });

function planInstall({ packageManager, store }: Project): Plan {
  if (packageManager === undefined) return hand();
  const client = clients[store];
  return hand(`${installs[packageManager]} intermission${client === undefined ? "" : ` ${client}`}`);
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
  const { line, place } = nodeFrameworks.find(({ name }) => name === framework) ?? {};
  if (line === undefined)
    return hand(`Add the page to the app as the guide of intermission/${String(framework)} says.`);
  const specifier = framework === "nuxt" ? "nitro" : String(framework);
  return hand(
    `${line}   # from intermission/${specifier}; ${place === undefined ? "before anything else" : `in ${place}`}`,
  );
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
  return { edits, byHand: [] };
}

function planDeploy({ folder, platforms }: Project): Plan {
  const procfile = readText(folder, "Procfile");
  if (procfile !== undefined) return planLine("Procfile", procfile, /^(release:\s*)(.+)$/, "release: ");
  const fly = readText(folder, "fly.toml");
  if (fly !== undefined) {
    if (fly.includes("intermission")) return hand();
    const lines = fly.split(/\r?\n/);
    const at = lines.findIndex((line) => /^\s*release_command\s*=\s*"[^"\\]*"\s*$/.test(line));
    const line = lines[at];
    if (line !== undefined) {
      const wrapped = line.replace(/"(.*)"/, '"npx intermission deploy -- $1"');
      return { edits: [toEdit("fly.toml", fly, [{ at, remove: 1, add: [wrapped] }])], byHand: [] };
    }
    const section = lines.findIndex((text) => /^\s*\[deploy\]\s*$/.test(text));
    const command = '  release_command = "npx intermission create-release"';
    const edit =
      section === -1
        ? append("fly.toml", fly, ["", "[deploy]", command])
        : toEdit("fly.toml", fly, [{ at: section + 1, remove: 0, add: [command] }]);
    return { edits: [edit], byHand: [] };
  }
  const where = platforms.includes("github-actions") ? "as a step of the workflow, " : "";
  return hand(`npx intermission create-release   # ${where}on the new machine, before the migrations`);
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

/** @param text Undefined: the file is new. */
function append(file: string, text: string | undefined, lines: readonly string[]): Edit {
  if (text === undefined || text === "") return toEdit(file, text, [{ at: 0, remove: 0, add: lines }]);
  const all = text.split(/\r?\n/);
  const ended = all.at(-1) === "";
  return toEdit(file, text, [{ at: ended ? all.length - 1 : all.length, remove: 0, add: lines }]);
}

function toEdit(file: string, text: string | undefined, changes: readonly Change[]): Edit {
  const end = text?.includes("\r\n") === true ? "\r\n" : "\n";
  const before = text === undefined || text === "" ? [""] : text.split(/\r?\n/);
  const after: string[] = [];
  const diff: string[] = [];
  let read = 0;
  for (const { at, remove, add } of changes) {
    after.push(...before.slice(read, at));
    const from = Math.max(0, at - 2);
    diff.push(
      `@@ line ${String(at + 1)} @@`,
      ...before.slice(from, at).map((line) => ` ${line}`),
      ...before.slice(at, at + remove).map((line) => `-${line}`),
      ...add.map((line) => `+${line}`),
    );
    after.push(...add);
    read = at + remove;
  }
  after.push(...before.slice(read));
  return { file, isNew: text === undefined, text: after.join(end), diff };
}
