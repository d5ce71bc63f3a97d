import { execFile } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { temporaryFolder } from "../cli/run-cli.ts";
import { complaintsOf, containersOf, expectRestricted, expectToRun, manifests, podsOf } from "./manifests.ts";

const root = resolve(import.meta.dirname, "../..");
const deploy = join(root, "deploy");
const read = (path: string): string => readFileSync(join(deploy, path), "utf8");

const composeFiles = [
  ...readdirSync(join(deploy, "compose")).map((name) => `compose/${name}`),
  "django/compose.yaml",
];

interface Lint {
  readonly filePath: string;
  readonly messages: readonly { readonly rule: string; readonly message: string }[];
}

/** What the linter says of each file. It has the schema of the Compose Specification with it. */
async function lint(files: readonly string[]): Promise<readonly Lint[]> {
  const program = join(root, "node_modules/dclint/bin/dclint.cjs");
  const words = [program, "--quiet", "--formatter", "json", ...files];
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: root }).catch(
    (error: unknown) => error as { readonly stdout: string },
  );
  return JSON.parse(stdout) as readonly Lint[];
}

interface Service {
  readonly image?: string;
  readonly command: string;
}

const servicesOf = (file: string): Readonly<Record<string, Service>> =>
  (parse(read(file), { merge: true }) as { readonly services: Readonly<Record<string, Service>> }).services;

describe("compose files", () => {
  test("are valid, and a mistake would be found", { timeout: 120_000 }, async () => {
    const wrong = join(temporaryFolder(), "compose.yaml");
    writeFileSync(wrong, read("compose/rails.yaml").replace("read_only:", "readonly:"));
    const results = await lint([...composeFiles.map((file) => join(deploy, file)), wrong]);
    const invalid = results.filter(({ messages }) => messages.some(({ rule }) => rule === "invalid-schema"));
    expect(results.length).toBeGreaterThan(0);
    expect(invalid.map(({ filePath }) => filePath)).toEqual([wrong]);
  });

  test.each(composeFiles)("the commands of %s are ours", async (file) => {
    const commands = Object.values(servicesOf(file)).map(({ image, command }) =>
      image?.startsWith("intermission:") === true || command.startsWith("gateway ")
        ? `intermission ${command}`
        : command,
    );
    const own = commands.filter((command) => /^(?:npx --no-install )?intermission /.test(command));
    expect(own.length).toBeGreaterThan(0);
    for (const command of own) await expectToRun(command);
  });
});

describe("Kubernetes manifests", () => {
  const all = ["kubernetes/shop.yaml", "kubernetes/before-deploy.yaml"].flatMap((file) =>
    manifests(read(file)),
  );
  const pods = podsOf(all);
  const containers = containersOf(pods);

  test("are valid by the API's types, and a mistake would be found", { timeout: 120_000 }, () => {
    expect(all.length).toBe(3);
    const mistaken = read("kubernetes/shop.yaml").replace("failureThreshold", "failureTreshold");
    // One compilation for both: it takes seconds.
    expect(complaintsOf([...all, ...manifests(mistaken)])).toEqual([
      expect.stringContaining("failureTreshold"),
    ]);
  });

  test("keep to the restricted Pod Security Standard", () => {
    expect([pods.length, containers.length]).toEqual([2, 5]);
    expectRestricted(pods);
  });

  test("the release is the image's tag", () => {
    for (const file of ["kubernetes/shop.yaml", "kubernetes/before-deploy.yaml"]) {
      const [, tag] = /image: shop:(\S+)/.exec(read(file)) ?? [];
      const [, label] = /app\.kubernetes\.io\/version: (\S+)/.exec(read(file)) ?? [];
      expect([tag, label]).toEqual(["v1.1", "v1.1"]);
    }
  });

  test("their commands are ours", async () => {
    const own = containers.filter(({ image }) => image.startsWith("intermission:"));
    expect(own.length).toBe(3);
    for (const { args = [] } of own) await expectToRun(`intermission ${args.join(" ")}`);
  });
});
