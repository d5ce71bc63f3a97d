/** A framework of Node, and what a person adds to its app. */
export interface NodeFramework {
  /** The package whose presence shows it. */
  readonly dependency: string;
  readonly name: string;
  /** As docs/frameworks.md has it. Undefined: `init` finds the place by itself. */
  readonly line?: string;
  /** Where that line goes, if it does not say so itself. */
  readonly place?: string;
  /** The file, without its ending, that has nothing but that line. It is created if it is missing. */
  readonly file?: (exists: (path: string) => boolean) => string;
  /** The file, without its ending, with the list that the line is a part of. */
  readonly module?: string;
}

/** One that includes another comes first. */
export const nodeFrameworks: readonly NodeFramework[] = [
  {
    dependency: "@nestjs/core",
    name: "nest",
    line: "imports: [MaintenancePageModule.forRoot()]",
    place: "the root module",
    module: "src/app.module",
  },
  {
    dependency: "@adonisjs/core",
    name: "adonis",
    line: 'providers: [() => import("intermission/adonis")]',
    place: "adonisrc.ts",
  },
  {
    dependency: "@sveltejs/kit",
    name: "sveltekit",
    line: "export const handle = maintenancePage()",
    place: "src/hooks.server.ts",
    file: () => "src/hooks.server",
  },
  {
    dependency: "@react-router/node",
    name: "react-router",
    line: "export const middleware = [maintenancePage()]",
    place: "app/root.tsx",
  },
  {
    dependency: "next",
    name: "next",
    line: "export const { register, onRequestError } = maintenancePage()",
    place: "instrumentation.ts",
    // Beside app or pages. https://nextjs.org/docs/app/guides/instrumentation
    file: (exists) => (["src/app", "src/pages"].some(exists) ? "src/instrumentation" : "instrumentation"),
  },
  {
    dependency: "nuxt",
    name: "nuxt",
    line: "export default maintenancePage()",
    place: "server/plugins/",
    file: () => "server/plugins/maintenance",
  },
  { dependency: "nitro", name: "nitro", line: "export default maintenancePage()", place: "server/plugins/" },
  {
    dependency: "nitropack",
    name: "nitro",
    line: "export default maintenancePage()",
    place: "server/plugins/",
  },
  {
    dependency: "astro",
    name: "astro",
    line: "export const onRequest = maintenancePage()",
    place: "src/middleware.ts",
    file: () => "src/middleware",
  },
  {
    dependency: "@hapi/hapi",
    name: "hapi",
    line: "await server.register({ plugin: maintenancePage, options: {} })",
  },
  { dependency: "fastify", name: "fastify" },
  { dependency: "koa", name: "koa" },
  { dependency: "hono", name: "hono" },
  { dependency: "elysia", name: "elysia", line: "new Elysia().use(maintenancePage())" },
  { dependency: "express", name: "express" },
  { dependency: "h3", name: "h3", line: "new H3().register(maintenancePage())" },
  { dependency: "restify", name: "restify", line: "server.pre(maintenancePage())" },
  { dependency: "polka", name: "polka", line: ".use(maintenancePage())" },
];

/** For other languages: a file, its content, and the framework. */
export const otherFrameworks: readonly (readonly [file: string, pattern: RegExp, framework: string])[] = [
  ["requirements.txt", /^django\b/im, "django"],
  ["pyproject.toml", /["']django\b/i, "django"],
  ["requirements.txt", /^fastapi\b/im, "fastapi"],
  ["pyproject.toml", /["']fastapi\b/i, "fastapi"],
  ["requirements.txt", /^flask\b/im, "flask"],
  ["pyproject.toml", /["']flask\b/i, "flask"],
  ["manage.py", /django/i, "django"],
  ["Gemfile", /gem ["']rails["']/, "rails"],
  ["composer.json", /"laravel\/framework"/, "laravel"],
  ["go.mod", /^module /m, "go"],
];

/** A file, and the platform that reads it. */
export const platformFiles: Readonly<Record<string, string>> = {
  Procfile: "heroku",
  "app.json": "heroku",
  "fly.toml": "fly",
  "vercel.json": "vercel",
  "render.yaml": "render",
  "config/deploy.yml": "kamal",
  Dockerfile: "docker",
  "compose.yaml": "compose",
  "compose.yml": "compose",
  "docker-compose.yml": "compose",
};
