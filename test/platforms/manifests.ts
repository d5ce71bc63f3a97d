import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { expect } from "vitest";
import { parseAllDocuments } from "yaml";
import { runCli, temporaryFolder } from "../cli/run-cli.ts";
import { askThrough } from "../docs/proxy.ts";

const root = resolve(import.meta.dirname, "../..");

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly securityContext?: object;
}

export interface Pod {
  readonly securityContext: object;
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly replicas?: number;
    readonly template?: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: Pod;
    };
    /** Of a pod that stands alone. */
    readonly containers?: readonly Container[];
  };
}

export const manifests = (text: string): readonly Manifest[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((each) => each !== null);

export const podsOf = (all: readonly Manifest[]): readonly Pod[] =>
  all.flatMap(({ kind, spec }) =>
    kind === "Pod" ? [spec as Pod] : spec.template === undefined ? [] : [spec.template.spec],
  );

export const containersOf = (pods: readonly Pod[]): readonly Container[] =>
  pods.flatMap((pod) => [...(pod.initContainers ?? []), ...pod.containers]);

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted */
export function expectRestricted(pods: readonly Pod[]): void {
  for (const { securityContext } of pods)
    expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
  for (const { securityContext } of containersOf(pods))
    expect(securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
}

/** What the types of Kubernetes's API say: unknown fields, wrong kinds of values. */
export function complaintsOf(all: readonly Manifest[]): readonly string[] {
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

/** As Kubernetes does: `$(NAME)` is the variable. */
export const expand =
  (env: Readonly<Record<string, string>>) =>
  (word: string): string =>
    word.replace(/\$\((\w+)\)/g, (_, name: string) => env[name] ?? "");

/** Runs one of our commands, with `true` in place of what it wraps. */
export async function expectToRun(command: string): Promise<void> {
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
  const cwd = temporaryFolder();
  const env = { MAINTENANCE_STORE: "sqlite:state.db", MAINTENANCE_PAGE_RELEASE: "v1.1" };
  if (words[1] === "rollback") await runCli(["create-release"], { cwd, env });
  const end = words.indexOf("--");
  const parameters = end === -1 ? words.slice(1) : [...words.slice(1, end), "--", "true"];
  expect(await runCli(parameters.map(expand(env)), { cwd, env })).toMatchObject({ exitCode: 0 });
}
