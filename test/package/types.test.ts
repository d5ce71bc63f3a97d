import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { install, lend, pack, root, type Packed } from "./packed.ts";

/** TypeScript 6, the repository's own, still supports node10 if told that it is intended. */
const newest = { folder: join(root, "node_modules/typescript"), node10: { ignoreDeprecations: "6.0" } };
const oldest = { folder: "", node10: {} };

let packed: Packed;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "intermission-typescript-"));
  oldest.folder = await install(folder, "typescript", "5.4.5");
  packed = await pack();
});
afterAll(() => {
  packed.remove();
  rmSync(folder, { recursive: true, force: true });
});

const program = `
  import { createIntermission, IntermissionError, memoryStore, type Intermission, type Store } from "intermission";
  import { maintenancePage } from "intermission/express";
  import { MaintenancePageModule } from "intermission/nest";
  import { postgresStore } from "intermission/stores/postgres";
  import { storeHandler } from "intermission/server";

  const store: Store = memoryStore();
  const intermission: Intermission = createIntermission({ store, release: "v1.0" });
  export const middleware = maintenancePage({ intermission });
  export const module = MaintenancePageModule.forRoot({ intermission });
  export const makers = [postgresStore, storeHandler];
  try {
    middleware.name.trim();
  } catch (error) {
    if (error instanceof IntermissionError) error.code satisfies string;
  }
  // @ts-expect-error A store is no number: what is imported has types.
  export const wrong: number = memoryStore();
`;

const base = { target: "es2022", types: ["node"], skipLibCheck: false, strict: true };

describe.each([
  { name: "TypeScript 5.4", compiler: oldest },
  { name: "TypeScript 6", compiler: newest },
])("under $name", ({ compiler }) => {
  const { node10 } = compiler;
  test.each([
    {
      what: "a CommonJS project that resolves as Node 10 did",
      type: "commonjs",
      options: { ...node10, module: "commonjs", moduleResolution: "node10", esModuleInterop: true },
    },
    { what: "a CommonJS project", type: "commonjs", options: { module: "node16" } },
    { what: "a project of ECMAScript modules", type: "module", options: { module: "nodenext" } },
    {
      what: "a project with a bundler",
      type: "module",
      options: { module: "esnext", moduleResolution: "bundler" },
    },
  ])("$what compiles", async ({ type, options }) => {
    const consumer = await packed.consumer({
      "package.json": JSON.stringify({ private: true, type }),
      "main.ts": program,
    });
    lend(consumer, "@types/node", "undici-types");
    expect(await consumer.compile({ ...base, ...options }, compiler.folder)).toBe("");
  });
});

test("one engine serves a process that imports the package and requires it", async () => {
  const consumer = await packed.consumer({
    "main.mjs": `
      import { createRequire } from "node:module";
      import * as imported from "intermission";
      import * as express from "intermission/express";
      const require = createRequire(import.meta.url);
      console.log(require("intermission").IntermissionError === imported.IntermissionError);
      console.log(require("intermission/express").maintenancePage === express.maintenancePage);`,
  });
  expect(await consumer.run("node", "main.mjs")).toMatchObject({ code: 0, stdout: "true\ntrue\n" });
});
