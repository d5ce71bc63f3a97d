/*
 * Who may import what. docs/development/conventions.md says why; test/architecture.test.ts plants a violation
 * of every rule.
 */

/** The layers of src/, each with the parts of src/ that it may import, apart from its own files. */
export const layers = {
  core: [],
  stores: ["core/"],
  page: ["core/"],
  http: ["core/"],
  reports: ["core/"],
  telemetry: ["core/"],
  notify: ["core/", "reports/"],
  engine: ["core/", "stores/", "page/", "reports/", "notify/instance.ts"],
  frameworks: ["core/", "http/", "engine/create.ts"],
  auto: ["core/", "http/", "engine/create.ts"],
  server: ["core/", "http/", "page/", "stores/", "reports/", "telemetry/metrics.ts", "engine/"],
  demo: ["core/", "http/", "stores/", "frameworks/", "engine/create.ts"],
  cli: ["core/", "http/", "page/", "stores/", "reports/", "notify/", "server/", "demo/", "engine/"],
  testing: ["core/", "http/", "page/", "stores/memory/", "engine/create.ts"],
};

/** Files between the layers. */
const files = {
  "index.ts": ["core/", "stores/memory/", "engine/create.ts"],
};

const tests = "\\.test\\.ts$";
const escape = (text) => text.replace(/\./g, "\\.");
const anyOf = (paths) => paths.map(escape).join("|");

const directions = [
  ...Object.entries(layers).map(([layer, allowed]) => ({
    name: `${layer}-direction`,
    comment: `src/${layer} imports ${allowed.length === 0 ? "nothing" : allowed.join(", ")}.`,
    severity: "error",
    from: { path: `^src/${layer}/`, pathNot: tests },
    to: { path: "^src/", pathNot: `^src/(${anyOf([`${layer}/`, ...allowed])})` },
  })),
  ...Object.entries(files).map(([file, allowed]) => ({
    name: `${file.replace(/\.ts$/, "")}-direction`,
    comment: `src/${file} imports ${allowed.join(", ")}.`,
    severity: "error",
    from: { path: `^src/${escape(file)}$` },
    to: { path: "^src/", pathNot: `^src/(${anyOf(allowed)})` },
  })),
];

/**
 * Folders whose entries are units: each can be added, changed or removed without regard to the others.
 * `common` are the files that may import every unit, and that every unit may import.
 */
const unitFolders = [
  { folder: "stores", common: "(shared/|[^/]+\\.ts$)" },
  { folder: "telemetry", common: "[^/]+\\.ts$" },
  { folder: "frameworks", common: "index\\.ts$" },
  { folder: "server", common: "[^/]+\\.ts$" },
  { folder: "page/themes", common: "index\\.ts$" },
  { folder: "page/formats", common: "index\\.ts$" },
  { folder: "page/languages", common: "index\\.ts$" },
  { folder: "cli/commands", common: "index\\.ts$" },
];

const neighbours = unitFolders.map(({ folder, common }) => ({
  name: `${folder.replace("/", "-")}-neighbour`,
  comment: `A unit of src/${folder} imports no other unit. What two of them need belongs to the layer below.`,
  severity: "error",
  from: { path: `^src/${folder}/([^/]+)`, pathNot: [tests, `^src/${folder}/${common}`] },
  to: { path: `^src/${folder}/`, pathNot: [`^src/${folder}/$1(/|$)`, `^src/${folder}/${common}`] },
}));

/** Installed packages. Types cost nothing, and what is loaded on demand is the user's own. */
const dependency = {
  dependencyTypes: ["npm", "npm-dev", "npm-optional", "npm-peer", "npm-no-pkg", "npm-unknown"],
  dependencyTypesNot: ["dynamic-import", "type-import", "type-only"],
};

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    {
      name: "no-cycle",
      comment: "Nothing goes round, types included.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    ...directions,
    ...neighbours,
    {
      name: "any-runtime",
      comment:
        "These load in Workers, Deno and browsers too, so they import no module of Node. What an adapter needs of Node is in src/http/node.",
      severity: "error",
      from: {
        path: "^src/(core/|engine/|page/|reports/|telemetry/|notify/|http/|frameworks/|index\\.ts$|stores/|server/store-handler/)",
        pathNot: [tests, "^src/http/node/(?!header)"],
      },
      to: { dependencyTypes: ["core"], dependencyTypesNot: ["type-import", "type-only"] },
    },
    {
      name: "no-dependency",
      comment:
        "The library needs nothing. Clients are handed in, or loaded with import() when a store is named.",
      severity: "error",
      from: { path: "^src/", pathNot: tests },
      to: dependency,
    },
    {
      name: "resolvable",
      comment: "What is imported exists.",
      severity: "error",
      from: { path: "^src/" },
      to: { couldNotResolve: true },
    },
    {
      name: "not-the-front-door",
      comment: "src/index.ts is for users; inside, import the file that has it.",
      severity: "error",
      from: { path: "^src/", pathNot: tests },
      to: { path: "^src/index\\.ts$" },
    },
    {
      name: "not-a-test",
      comment: "Nothing that is published imports a test.",
      severity: "error",
      from: { path: "^src/", pathNot: tests },
      to: { path: tests },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    // They import the package as its users do.
    exclude: { path: "^src/frameworks/[^/]+/(example\\.ts|matrix\\.js)$" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "types", "default"],
    },
  },
};
