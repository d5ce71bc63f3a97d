import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { validateAction } from "@action-validator/core";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { cliPath, runCli, temporaryFolder } from "../cli/run-cli.ts";
import { readBlocks } from "../docs/blocks.ts";

const deploy = resolve(import.meta.dirname, "../../deploy");
const read = (path: string): string => readFileSync(join(deploy, path), "utf8");

interface Outcome {
  readonly code: number | null;
  readonly output: string;
}

/** A project with the command installed, where a pipeline runs. */
function project(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
  const program = join(folder, "node_modules/.bin/intermission");
  writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} ${cliPath} "$@"\n`);
  chmodSync(program, 0o755);
  return folder;
}

async function shell(
  words: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const [program = "", ...parameters] = words;
  const child = spawn(program, parameters, { cwd, env: { PATH: process.env["PATH"], ...environment } });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stdin.end();
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}

async function statusOf(cwd: string): Promise<unknown> {
  const { stdout } = await runCli(["status", "--json"], {
    cwd,
    env: { MAINTENANCE_STORE: "sqlite:state.db" },
  });
  const { currentRelease, deploy: open } = JSON.parse(stdout) as Record<string, unknown>;
  return { currentRelease, open };
}

/** Both platforms must do the same. */
type Pipeline = (
  inputs: Readonly<Record<string, string>>,
  cwd: string,
  environment?: Readonly<Record<string, string>>,
) => Promise<Outcome>;

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly runs: {
    readonly steps: readonly {
      readonly run: string;
      readonly shell: string;
      readonly env: Readonly<Record<string, string>>;
    }[];
  };
}

/** As a runner does: expressions are replaced, then the text is run by `bash --noprofile --norc -eo pipefail`. */
const github: Pipeline = async (inputs, cwd, environment = {}) => {
  const { inputs: known, runs } = parse(read("github-action/action.yml")) as Action;
  const replace = (text: string): string =>
    text
      .replaceAll(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, name: string) =>
        replace(inputs[name] ?? known[name]?.default ?? ""),
      )
      .replaceAll("${{ github.sha }}", "0a1b2c3");
  let outcome: Outcome = { code: 0, output: "" };
  for (const { run, env } of runs.steps) {
    const variables = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, replace(value)]));
    const file = join(cwd, "step.sh");
    writeFileSync(file, replace(run));
    const words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", file];
    outcome = await shell(words, cwd, { ...variables, ...environment });
  }
  return outcome;
};

const gitlabCiLocal = fileURLToPath(import.meta.resolve("gitlab-ci-local"));

/** It needs this of Node 22. */
const union = encodeURIComponent(
  "Set.prototype.union ??= function (other) { return new Set([...this, ...other]); }",
);

/** The job as gitlab-ci-local makes it of the template; it checks it against GitLab's schema. */
function render(inputs: Readonly<Record<string, string>>): {
  readonly script: readonly string[];
  readonly variables: Readonly<Record<string, string | { readonly value: string }>>;
} {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "deploy.yml"), read("gitlab/deploy.yml"));
  const include = { include: [{ local: "/deploy.yml", inputs }], stages: ["deploy"] };
  writeFileSync(join(folder, ".gitlab-ci.yml"), JSON.stringify(include));
  for (const words of [
    ["init", "--quiet"],
    ["remote", "add", "origin", "git@gitlab.example:shop/shop.git"],
    ["add", "--all"],
    [
      "-c",
      "user.name=Shop",
      "-c",
      "user.email=shop@shop.example",
      "commit",
      "--quiet",
      "--message",
      "A shop",
    ],
  ])
    execFileSync("git", words, { cwd: folder });
  const text = execFileSync(
    process.execPath,
    ["--import", `data:text/javascript,${union}`, gitlabCiLocal, "--preview"],
    {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  return (parse(text) as { readonly deploy: ReturnType<typeof render> }).deploy;
}

/** As a runner does: the lines of the script in one shell. */
const gitlab: Pipeline = async (inputs, cwd, environment = {}) => {
  const { script, variables } = render(inputs);
  const values = Object.entries(variables).map(([name, value]) => [
    name,
    // Of what is not expanded, it writes each dollar sign twice.
    (typeof value === "string" ? value : value.value).replaceAll("$$", () => "$"),
  ]);
  const { MAINTENANCE_STORE = inputs["store"] ?? "" } = environment;
  return shell(["sh", "-ec", script.join("\n")], cwd, {
    ...(Object.fromEntries(values) as Record<string, string>),
    CI_COMMIT_SHA: "0a1b2c3",
    ...environment,
    MAINTENANCE_STORE,
  });
};

test("the action is valid by GitHub's schema", () => {
  expect(validateAction(read("github-action/action.yml"))).toMatchObject({ errors: [] });
});

test("no input is part of a script's text", () => {
  const { runs } = parse(read("github-action/action.yml")) as Action;
  expect(runs.steps.length).toBeGreaterThan(0);
  for (const { run } of runs.steps) expect(run).not.toContain("${{");
  const [, job = ""] = read("gitlab/deploy.yml").split("\n---\n");
  expect(job.slice(job.indexOf("script:"))).not.toContain("$[[");
});

const store = "sqlite:state.db";

describe.each([
  ["GitHub", github],
  ["GitLab", gitlab],
] as const)("on %s", { timeout: 120_000 }, (_, pipeline) => {
  test("the command runs with its release, and the deploy succeeds", async () => {
    const cwd = project();
    const run = 'echo "deploys $MAINTENANCE_PAGE_RELEASE" && echo "a \\"b\\" $((1 + 1))"';
    const { code, output } = await pipeline({ run }, cwd, { MAINTENANCE_STORE: store });
    expect(output).toContain('deploys 0a1b2c3\na "b" 2\n');
    expect(code).toBe(0);
    expect(await statusOf(cwd)).toMatchObject({ currentRelease: "0a1b2c3" });
  });

  test("a failed command fails the job, and restores the release before it", async () => {
    const cwd = project();
    await runCli(["create-release", "v1.0"], { cwd, env: { MAINTENANCE_STORE: store } });
    const inputs = { run: "false; echo not reached", "on-failure": "restore" };
    const { code, output } = await pipeline(inputs, cwd, { MAINTENANCE_STORE: store });
    expect([code, output]).toEqual([1, expect.not.stringContaining("not reached\n")]);
    expect(await statusOf(cwd)).toMatchObject({ currentRelease: "v1.0" });
  });

  test("without a store it says what to set, and runs nothing", async () => {
    const { code, output } = await pipeline({ run: "touch ran" }, project());
    expect([code, output]).toEqual([2, expect.stringContaining("No store is known")]);
  });
});

test.each([
  [{ run: "" }, "The input run is empty"],
  [{ run: "true", "on-failure": "stop" }, "on-failure has to be keep or restore"],
  [{ run: "true", "take-over": "yes" }, "take-over has to be true or false"],
])("GitHub: %j is refused with a reason that the run shows", async (inputs, reason) => {
  const { code, output } = await github({ store, ...inputs }, project());
  expect([code, output]).toEqual([2, expect.stringMatching(`^::error title=Intermission::.*${reason}`)]);
});

test("GitHub: a release or a name is no program", async () => {
  const cwd = project();
  const inputs = { run: "true", store, release: 'v1"; touch harm; `touch harm`', app: "$(touch harm)" };
  await github(inputs, cwd);
  expect(execFileSync("ls", [cwd], { encoding: "utf8" })).not.toContain("harm");
});

test("GitHub: a project without the package takes it from the registry, with what the store needs", async () => {
  const cwd = temporaryFolder();
  const bin = temporaryFolder();
  writeFileSync(join(bin, "npx"), '#!/bin/sh\necho npx "$@"\n', { mode: 0o755 });
  const path = { PATH: `${bin}:${process.env["PATH"] ?? ""}` };
  const { output } = await github({ run: "true", store, packages: "pg" }, cwd, path);
  expect(output).toMatch(/^npx --yes --package=intermission@0\.2\.0 --package=pg intermission deploy /);
  const { code } = await github({ run: "true", store, packages: "pg;harm" }, cwd, path);
  expect(code).toBe(2);
});

test("the documented uses name inputs that exist", { timeout: 120_000 }, () => {
  const [action, template] = readBlocks("docs/containers.md").filter(
    ({ language, check }) => language === "yaml" && check?.endsWith("test/platforms/pipelines.test.ts"),
  );
  const [step] = parse(action?.text ?? "") as readonly { readonly with: object }[];
  const { inputs } = parse(read("github-action/action.yml")) as Action;
  expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(step?.with ?? {})));
  const { include } = parse(template?.text ?? "") as {
    readonly include: readonly { readonly inputs: Readonly<Record<string, string>> }[];
  };
  expect(render(include[0]?.inputs ?? {}).variables).toMatchObject({ INTERMISSION_RUN: "npm run deploy" });
});
