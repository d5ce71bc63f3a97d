import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { runCli, temporaryFolder } from "../cli/run-cli.ts";
import { readBlocks } from "../docs/blocks.ts";
import { startCluster, type Cluster, type RunContainer } from "./cluster.ts";
import { findHelm } from "./helm.ts";
import {
  complaintsOf,
  containersOf,
  expand,
  expectRestricted,
  manifests,
  podsOf,
  type Manifest,
} from "./manifests.ts";

const root = resolve(import.meta.dirname, "../..");
const chart = join(root, "deploy/helm");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const blocks = readBlocks("docs/containers.md").filter(({ check }) =>
  check?.endsWith("test/platforms/chart.test.ts"),
);
const shop = blocks.find(({ language }) => language === "yaml")?.text ?? "";

const helm = await findHelm();
const name = "the Helm chart";

// In CI it fails, by the first test that calls Helm.
if (helm === undefined && process.env["CI"] !== "true")
  describe.skip(`${name} (not installed: helm, and the npm registry can't be reached)`, define);
else describe(name, define);

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function runHelm(
  words: readonly string[],
  { kubeconfig = "/dev/null", more = {} }: { readonly kubeconfig?: string; readonly more?: object } = {},
): Promise<Outcome> {
  if (helm === undefined) throw new Error("Put helm on the PATH, or let npm reach its registry.");
  const folder = temporaryFolder();
  writeFileSync(join(folder, "shop-values.yaml"), shop);
  writeFileSync(join(folder, "more.json"), JSON.stringify(more));
  const env = { PATH: process.env["PATH"], HOME: folder, KUBECONFIG: kubeconfig };
  return promisify(execFile)(helm, [...words], { cwd: folder, env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => error as Outcome,
  );
}

/**
 * @param words Such as `--set-string image.tag=v1.2`.
 * @param more Values beside those of the shop.
 */
async function render(words = "", more = {}): Promise<readonly Manifest[]> {
  const { stdout, stderr } = await runHelm(["template", "shop", chart, ...withValues(words)], { more });
  expect(stderr).toBe("");
  return manifests(stdout);
}

const withValues = (words: string): readonly string[] => [
  "--values=shop-values.yaml",
  "--values=more.json",
  ...words.split(" ").filter(Boolean),
];

/** What the shop's values leave out. */
const everything = {
  image: { pullPolicy: "Always" },
  imagePullSecrets: [{ name: "registry" }],
  migrate: { command: ["sh"], resources: { limits: { cpu: "1" } } },
  envFrom: [{ secretRef: { name: "shop" } }],
  resources: { limits: { memory: "1Gi" } },
  livenessProbe: { tcpSocket: { port: "app" } },
  startupProbe: { tcpSocket: { port: "app" } },
  service: { type: "NodePort", annotations: { team: "shop" } },
  gateway: { extraArgs: ["--heal"], extraEnv: [{ name: "MAINTENANCE_APP", value: "shop" }] },
  intermission: { image: { pullPolicy: "Always" } },
  serviceAccountName: "shop",
  podAnnotations: { team: "shop" },
  podLabels: { team: "shop" },
  extraVolumes: [{ name: "data", emptyDir: {} }],
  extraVolumeMounts: [{ name: "data", mountPath: "/data" }],
  nodeSelector: { disk: "fast" },
  tolerations: [{ operator: "Exists" }],
  affinity: {
    podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone" }] },
  },
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway" }],
};

const hookOf = ({ metadata }: Manifest): string | undefined => metadata.annotations?.["helm.sh/hook"];

function define(): void {
  test("has the version of the package, and lists the same values in both places", () => {
    const { version } = JSON.parse(read("package.json")) as { readonly version: string };
    expect(parse(read("deploy/helm/Chart.yaml"))).toMatchObject({ version, appVersion: version });
    interface Schema {
      readonly properties?: Readonly<Record<string, Schema>>;
    }
    const keysOf = ({ properties }: Schema): object | undefined =>
      properties && Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, keysOf(each)]));
    const { global, ...listed } = keysOf(JSON.parse(read("deploy/helm/values.schema.json")) as Schema) as {
      readonly global?: undefined;
    };
    expect(global).toBeUndefined();
    const values = parse(read("deploy/helm/values.yaml")) as object;
    const same = (schema: object, own: object): void => {
      expect(Object.keys(own)).toEqual(Object.keys(schema));
      for (const [key, inner] of Object.entries(schema) as [string, object | undefined][])
        if (inner !== undefined) same(inner, (own as Readonly<Record<string, object>>)[key] ?? {});
    };
    same(listed, values);
  });

  // There, the gateway's options are run.
  test("makes what deploy/kubernetes has", async () => {
    const twins = ["shop.yaml", "before-deploy.yaml"].flatMap((file) =>
      manifests(read(`deploy/kubernetes/${file}`)),
    );
    const made = (await render()).filter((each) => !/test|rollback/.test(hookOf(each) ?? ""));
    expect(made.length).toBe(3);
    // Helm has its own labels and annotations, and a Job of a fixed name.
    const plain = ({ metadata, ...rest }: Manifest): object => ({
      ...rest,
      name: (metadata as { readonly generateName?: string }).generateName?.replace(/-$/, "") ?? metadata.name,
    });
    const byName = (all: readonly Manifest[]): unknown =>
      JSON.parse(
        JSON.stringify(all.map(plain)).replaceAll('"name":"app","image"', '"name":"shop","image"'),
        undefined,
      );
    const sorted = (all: readonly Manifest[]): readonly Manifest[] =>
      [...all].sort((one, other) => one.kind.localeCompare(other.kind));
    expect(byName(sorted(made))).toEqual(byName(sorted(twins)));
  });

  test("is valid by the API's types, and restricted, in every form", { timeout: 120_000 }, async () => {
    const forms = [
      await render(),
      await render("--set gateway.enabled=false"),
      await render("--set migrate.args=null"),
      await render("--set migrate.args=null,gateway.enabled=false"),
      await render("", everything),
    ];
    for (const form of forms) expect(form.length).toBe(5);
    const mistaken = await render("--set livenessProbe.failureTreshold=3");
    expect(complaintsOf([...forms.flat(), ...mistaken])).toEqual([
      expect.stringContaining("failureTreshold"),
    ]);
    for (const form of forms) expectRestricted(podsOf(form));
  });

  test("helm test rehearses the page through the Service", async () => {
    const pod = (await render()).filter((each) => hookOf(each) === "test");
    expect(containersOf(podsOf(pod)).map(({ args }) => args)).toEqual([["rehearse", "http://shop:80/"]]);
  });

  test.each([
    ["--set image.repository=", /image\.repository is missing\. Set it to/],
    ["--set image.tag=", /image\.tag is missing\. Set it to/],
    ["--set store.secretName=", /store\.secretName is missing\. Set it to/],
    ["--set image.tag=20261130", /image\.tag is a number, .* Use --set-string image\.tag=/],
    ["--set release=20261130", /release is a number, .* Use --set-string release=/],
    ["--set image.tag=_nightly-", /The release "_nightly-" can't be a label\. Set release to/],
    [`--set image.tag=${"a".repeat(64)}`, /has 64 characters, and can't be a label\. Set release to/],
    ["--set image.tag=latest", /"latest" is likely to be the next one's name too, .* Set release to/],
    ["--set containerPort=8080", /must differ: they are 8080, 8080, 9202\. Set gateway\.port/],
    ["--set image.tagg=v1.1", /'tagg' not allowed/],
    ["--kube-version 1.29.0", /requires kubeVersion: >=1\.30\.0/],
  ])("refuses %s, and says what to do", async (words, message) => {
    const { code, stderr } = await runHelm(["template", "shop", chart, ...withValues(words)]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
  });

  test.each([
    ["--set release=v1.1-a", "v1.1-a"],
    [`--set image.tag=${"a".repeat(63)}`, "a".repeat(63)],
    ["--set-string image.tag=20261130", "20261130"],
    ["--set-string image.tag=1.10", "1.10"],
  ])("%s is the release %s", async (words, release) => {
    const labels = (await render(words)).flatMap(({ spec }) =>
      spec.template === undefined ? [] : [spec.template.metadata.labels],
    );
    expect(labels.length).toBe(3);
    for (const each of labels) expect(each["app.kubernetes.io/version"]).toBe(release);
  });

  test("a release of Helm with a long name has valid names", async () => {
    const long = `a${"b".repeat(51)}c`;
    const { stdout } = await runHelm(["template", long, chart, ...withValues("")]);
    const names = manifests(stdout).map(({ metadata }) => metadata.name ?? "");
    expect(names.length).toBe(5);
    for (const each of names) expect(each).toMatch(/^[a-z]{1,53}(?:-[a-z-]{1,15})?$/);
    expect(new Set(names.filter((each) => each !== long)).size).toBe(3);
    expect(Math.max(...names.map((each) => each.length))).toBeLessThanOrEqual(63);
  });

  test("each deploy makes its release current and migrates; going back does the first alone", async () => {
    const shop = await openShop();
    const deployed = (): string | undefined =>
      containersOf(podsOf(shop.cluster.objects("Deployment")))[1]?.image;

    expect(await shop.upgrade("v1.1")).toMatchObject({ code: 0 });
    expect(await shop.upgrade("v1.2")).toMatchObject({ code: 0 });
    expect([await shop.current(), deployed()]).toEqual(["v1.2", "shop:v1.2"]);

    shop.migrations.exitCode = 1;
    expect((await shop.upgrade("v1.3")).code).toBe(1);
    expect([await shop.current(), deployed()]).toEqual(["v1.3", "shop:v1.2"]);
    expect(shop.migrations.ran).toEqual(["shop:v1.1", "shop:v1.2", "shop:v1.3"]);
    expect(await shop.rollback()).toMatchObject({ code: 0 });
    expect([await shop.current(), deployed()]).toEqual(["v1.2", "shop:v1.2"]);
    expect(shop.migrations.ran.length).toBe(3);

    expect((await shop.upgrade("v1.4", "--rollback-on-failure")).stderr).toContain("has been rolled back");
    expect([await shop.current(), deployed()]).toEqual(["v1.2", "shop:v1.2"]);

    // What failed is tried again.
    shop.migrations.exitCode = 0;
    expect(await shop.upgrade("v1.3")).toMatchObject({ code: 0 });
    expect([await shop.current(), deployed()]).toEqual(["v1.3", "shop:v1.3"]);
  }, 120_000);
}

interface Shop {
  readonly cluster: Cluster;
  readonly migrations: { readonly ran: string[]; exitCode: number };
  upgrade(release: string, ...more: readonly string[]): Promise<Outcome>;
  rollback(): Promise<Outcome>;
  current(): Promise<string>;
}

/** A cluster, and what the document says to run. */
async function openShop(): Promise<Shop> {
  const cwd = temporaryFolder();
  const migrations: Shop["migrations"] = { ran: [], exitCode: 0 };
  const run: RunContainer = async ({ image, args = [] }, labels) => {
    if (image.startsWith("shop:")) {
      migrations.ran.push(image);
      return migrations.exitCode;
    }
    const env = {
      MAINTENANCE_STORE: "sqlite:state.db",
      MAINTENANCE_PAGE_RELEASE: labels["app.kubernetes.io/version"] ?? "",
    };
    return (await runCli(args.map(expand(env)), { cwd, env })).exitCode ?? 1;
  };
  const cluster = await startCluster(run);
  const [upgrade = "", rollback = ""] = blocks
    .filter(({ language }) => language === "sh")
    .map(({ text }) =>
      text
        .trim()
        .replace(/^helm /, "")
        .replace("deploy/helm", chart)
        .replace("30m", "2m"),
    );
  const helmTo = async (command: string, ...more: readonly string[]): Promise<Outcome> =>
    runHelm([...command.split(" "), ...more], { kubeconfig: cluster.kubeconfig });
  return {
    cluster,
    migrations,
    upgrade: async (release, ...more) => helmTo(upgrade.replace("v1.1", release), ...more),
    rollback: async () => helmTo(rollback),
    async current() {
      const { stdout } = await runCli(["status", "--json", "--store", "sqlite:state.db"], { cwd });
      return (JSON.parse(stdout) as { readonly currentRelease: string }).currentRelease;
    },
  };
}
