import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { runCli, temporaryFolder } from "../cli/run-cli.ts";
import { askThrough } from "../docs/proxy.ts";

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

/** Runs one of our commands, with `true` in place of what it wraps. */
async function expectToRun(command: string): Promise<void> {
  const words = command.replace(/^npx --no-install /, "").split(" ");
  if (words[1] === "gateway") {
    const upstream = /http:\/\/(?:shop|127\.0\.0\.1):\d+/;
    const here = words
      .join(" ")
      .replace(upstream, "http://127.0.0.1:8000")
      .replace(/(--control \S+):\d+/, "$1:0");
    expect(await askThrough(here, temporaryFolder())).toEqual({ body: "the app" });
    return;
  }
  const end = words.indexOf("--");
  const parameters = end === -1 ? words.slice(1) : [...words.slice(1, end), "--", "true"];
  const env = { MAINTENANCE_STORE: "sqlite:state.db", MAINTENANCE_PAGE_RELEASE: "v1.1" };
  expect(await runCli(parameters, { cwd: temporaryFolder(), env })).toMatchObject({ exitCode: 0 });
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly securityContext?: object;
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: object;
  readonly spec: {
    readonly template?: {
      readonly spec: {
        readonly securityContext: object;
        readonly initContainers?: readonly Container[];
        readonly containers: readonly Container[];
      };
    };
  };
}

const manifests = (text: string): readonly Manifest[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((each) => each !== null);

/** What the types of Kubernetes's API say: unknown fields, wrong kinds of values. */
function complaintsOf(all: readonly Manifest[]): readonly string[] {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(join(root, "node_modules/kubernetes-models"), join(folder, "node_modules/kubernetes-models"));
  const lines = all.map((manifest, index) => {
    const { apiVersion, kind } = manifest;
    const name = `I${kind}`;
    return `import type { ${name} as T${String(index)} } from "kubernetes-models/${apiVersion}";
      export const m${String(index)}: T${String(index)} = ${JSON.stringify(manifest)};`;
  });
  const file = join(folder, "manifests.mts");
  writeFileSync(file, lines.join("\n"));
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    lib: ["lib.es2015.d.ts"],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
}

describe("Kubernetes manifests", () => {
  const all = ["kubernetes/shop.yaml", "kubernetes/before-deploy.yaml"].flatMap((file) =>
    manifests(read(file)),
  );
  const pods = all.flatMap(({ spec }) => (spec.template === undefined ? [] : [spec.template.spec]));
  const containers = pods.flatMap((pod) => [...(pod.initContainers ?? []), ...pod.containers]);

  test("are valid by the API's types, and a mistake would be found", { timeout: 120_000 }, () => {
    expect(all.length).toBe(3);
    const mistaken = read("kubernetes/shop.yaml").replace("failureThreshold", "failureTreshold");
    // One compilation for both: it takes seconds.
    expect(complaintsOf([...all, ...manifests(mistaken)])).toEqual([
      expect.stringContaining("failureTreshold"),
    ]);
  });

  test("keep to the restricted Pod Security Standard", () => {
    expect([pods.length, containers.length]).toEqual([2, 4]);
    for (const { securityContext } of pods)
      expect(securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: "RuntimeDefault" },
      });
    for (const { securityContext } of containers)
      expect(securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
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
    expect(own.length).toBe(2);
    for (const { args = [] } of own) await expectToRun(`intermission ${args.join(" ")}`);
  });
});
