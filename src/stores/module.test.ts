import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { built } from "../../test/support/built.ts";
import { createIntermission } from "../engine/create.ts";
import { storeContract } from "../testing/index.ts";
import { openStore, redactUrl } from "./open.ts";

const folder = mkdtempSync(join(tmpdir(), "intermission-module-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const memoryModule = JSON.stringify(pathToFileURL(built("stores/memory/index.js")).href);
let modules = 0;

/** A path to a module with that text. */
function writeModule(text: string, extension = "mjs"): string {
  const path = join(folder, `store ${String(modules++)}.${extension}`);
  writeFileSync(path, text);
  return path;
}

describe("the store contract, for a module's store", () => {
  const module = writeModule(`export { memoryStore as default } from ${memoryModule};`);
  for (const { name, run } of storeContract({
    createPlace: () => ({ open: () => openStore(module) }),
    push: true,
    reports: true,
  })) {
    test(name, run);
  }
});

describe("a store module", () => {
  const asStore = `import { memoryStore } from ${memoryModule}; export default memoryStore();`;

  test.each([
    ["a store", "mjs", asStore],
    [
      "a function that returns one later",
      "js",
      `import { memoryStore } from ${memoryModule}; export default async () => memoryStore();`,
    ],
    [
      "a store with private fields and no reports",
      "mjs",
      `class Mine {
        #records = new Map();
        async read(app) { return this.#records.get(app) ?? { version: 0 }; }
        async write(app, value, version) { this.#records.set(app, { version: version + 1, value }); return true; }
        async close() {}
      }
      export default new Mine();`,
    ],
    [
      "what CommonJS exports",
      "cjs",
      `module.exports = async () => (await import(${memoryModule})).memoryStore();`,
    ],
  ])("may export %s", async (_, extension, text) => {
    const path = writeModule(text, extension);
    for (const reference of [path, relative(process.cwd(), path), ` ${pathToFileURL(path).href} `]) {
      if (reference !== path && !text.includes("=>")) continue;
      const app = createIntermission({ store: reference, release: "v1.0", refreshEvery: 0 });
      await app.createRelease();
      expect(await app.status()).toMatchObject({ currentRelease: "v1.0", reason: "release-match" });
      await app.close();
    }
  });

  test("that exports a store is closed by the last who has it open", async () => {
    const path = writeModule(
      `export let closed = 0;
       export default { read: async () => ({ version: 0 }), write: async () => true, close: async () => void closed++ };`,
    );
    const [one, other] = [openStore(path), openStore(path)];
    const count = async (): Promise<number> => ((await import(path)) as { closed: number }).closed;
    await Promise.all([one.read("app"), other.read("app")]);
    await Promise.all([one.close(), one.close()]);
    expect(await count()).toBe(0);
    await other.close();
    expect(await count()).toBe(1);
  });

  test("without reports takes none, and says so to who asks for them", async () => {
    const store = openStore(
      writeModule(
        "export default { read: async () => ({ version: 0 }), async write() {}, async close() {} };",
      ),
    );
    await store.reports?.put("app", "one", "value", 1000);
    await expect(store.reports?.list("app")).rejects.toThrow("The store keeps no reports");
    await store.close();
  });

  test.each([
    ["export const store = {};", "has no default export (", "got the exports store"],
    ["", "has no default export (", "got no export"],
    ["export default 7;", "is not a store (", "got 7"],
    ["export default { read() {}, write() {} };", "is not a store (", "got an object"],
    ["export default () => null;", "is not a store (", "a function that returns null"],
    ["export default () => { throw new Error('no key'); };", "failed (", "no key"],
    ["import 'not-there-at-all';", "could not be loaded (", "not-there-at-all"],
    ["export default {", "could not be loaded (", "got "],
  ])("that can't be used is told when it is needed, by its path: %s", async (text, problem, got) => {
    const path = writeModule(text);
    const store = openStore(path);
    await expect(store.read("app")).rejects.toMatchObject({ code: "bad-option" });
    for (const part of [problem, got, path.slice(-10)]) await expect(store.read("app")).rejects.toThrow(part);
    await store.close();
  });

  test("that is not there is told by its path, and an app without its store goes on", async () => {
    const warnings: string[] = [];
    const app = createIntermission({
      store: "./no-such-store.mjs",
      release: "v1.0",
      onWarning: ({ message }) => warnings.push(message),
      logger: { warn() {}, error() {} },
    });
    await app.ready();
    expect(await app.decide()).toMatchObject({ verdict: "regular", reason: "store-unknown" });
    expect(warnings).toEqual([expect.stringMatching(/no-such-store\.mjs.*could not be loaded .*Until/)]);
    await app.close();
  });

  test("whose store fails is named, and its error too", async () => {
    const store = openStore(
      writeModule(
        "export default { async read() { throw new Error('gone') }, async write() {}, async close() {} };",
      ),
    );
    await expect(store.read("app")).rejects.toMatchObject({
      code: "store-failed",
      message: expect.stringMatching(/The store of ".*\.mjs" could not be read \(got gone\)/) as string,
    });
    await store.close();
  });

  test("is named in messages by its path, and what only looks like one is not", () => {
    expect(redactUrl("./store.mjs")).toBe("./store.mjs");
    expect(redactUrl("file:///srv/store.js")).toBe("file:///srv/store.js");
    expect(redactUrl("C:\\shop\\store.ts")).toBe("C:\\shop\\store.ts");
    expect(redactUrl("user:secret@host.js")).not.toContain("secret");
    expect(() => openStore("file:./dev.db")).toThrow("The store URL can't be used");
  });
});
