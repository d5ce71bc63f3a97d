import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { lexer, walkTokens } from "marked";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { toAnchor } from "../../site/content/anchors.ts";
import { readPlaces, toRepositoryReadme } from "../../site/content/npm-page.ts";
import { version } from "../../src/reports/version.ts";
import { requireBuild } from "../support/built.ts";
import { root, run, type Outcome } from "./packed.ts";

const readme = readFileSync(join(root, "README.md"), "utf8");

/** A copy of the repository, to pack without disturbing other tests. Of what is built it has the entry alone. */
let folder: string;

beforeAll(() => {
  requireBuild();
  folder = mkdtempSync(join(tmpdir(), "intermission-npm-page-"));
  const copied = ["bench", "deploy", "docs", "scripts", "site/content", "site/pages", "src/frameworks"];
  const built = ["dist/index.js", "dist/index.cjs", "dist/cli/main.js"];
  for (const name of [...copied, ...built, "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "SECURITY.md"])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  Object.assign(manifest.scripts as object, { clean: "true", build: "true", prepare: "true" });
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, undefined, 2));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  writeFileSync(join(folder, "README.md"), readme);
});

const readmeNow = (): string => readFileSync(join(folder, "README.md"), "utf8");

/** What npm runs before or after it reads the README. */
const script = (event: string): Promise<Outcome> =>
  run(folder, process.execPath, "scripts/npm-page.js", event);

async function readmeIn(tarball: string): Promise<string> {
  const { stdout } = await run(folder, "tar", "--to-stdout", "-xzf", tarball, "package/README.md");
  return stdout;
}

/** Where the links and pictures of a document lead, as a Markdown reader finds them. */
function targetsOf(markdown: string): readonly string[] {
  const targets: string[] = [];
  void walkTokens(lexer(markdown), (token) => {
    if (token.type === "link" || token.type === "image" || token.type === "def")
      targets.push(String((token as { href?: unknown }).href));
    if (token.type === "html")
      targets.push(
        ...[...token.raw.matchAll(/\s(?:href|src|srcset)="([^"]*)"/g)].map(([, href = ""]) => href),
      );
  });
  return targets;
}

/** What is wrong with a link of the repository's README. Undefined: nothing. */
function problemOf(target: string): string | undefined {
  const [file = "", anchor] = target.split("#");
  if (!existsSync(join(root, file))) return "no such file";
  if (anchor === undefined || !file.endsWith(".md")) return undefined;
  const headings = readFileSync(join(root, file), "utf8").matchAll(/^#+ (.+)$/gm);
  return [...headings].some(([, heading = ""]) => toAnchor(heading) === anchor)
    ? undefined
    : "no such heading";
}

function expectNpmPage(shown: string): void {
  const targets = targetsOf(shown);
  expect(targets.filter((target) => !/^https:\/\/|^#/.test(target))).toEqual([]);
  const places = readPlaces();
  const own = targets.filter((target) => target.startsWith(places.site));
  expect(own.length).toBeGreaterThan(20);
  const back = own.map((target) => {
    const [relative = ""] = targetsOf(toRepositoryReadme(`[it](${target})`, places));
    return relative;
  });
  expect(back.filter((target) => problemOf(target) !== undefined)).toEqual([]);
  expect(toRepositoryReadme(shown, places)).toBe(readme);
}

test("a pack that was killed loses nothing, and the next is whole and puts the README back", async () => {
  await script("prepack");
  expect(readmeNow()).not.toBe(readme);
  expect(await run(folder, "npm", "pack")).toMatchObject({ code: 0 });
  expectNpmPage(await readmeIn(`intermission-${version}.tgz`));
  expect(readmeNow()).toBe(readme);
});

test("of two packs at once, the one whose README may have been put back too early fails and says why", async () => {
  await script("prepack");
  expect(await script("postpack")).toMatchObject({ code: 0 });
  expect(readmeNow()).toBe(readme);
  expect(await script("postpack")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Pack again, one at a time") as string,
  });
  expect(readmeNow()).toBe(readme);
});

test("a link that leads to nothing stops the pack, and changes no file", async () => {
  const broken = `${readme}\n[it](docs/nothing.md)\n`;
  writeFileSync(join(folder, "README.md"), broken);
  expect(await script("prepack")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("README.md links to docs/nothing.md, which is not there.") as string,
  });
  expect(readmeNow()).toBe(broken);
});

interface Published {
  readonly versions: Readonly<Record<string, { readonly readme?: string }>>;
  readonly _attachments: Readonly<Record<string, { readonly data: string }>>;
}

/** A registry that takes what is published. */
async function startRegistry(): Promise<{
  readonly options: readonly string[];
  readonly taken: Published[];
}> {
  const taken: Published[] = [];
  const server = createServer((request, response) => {
    if (request.method !== "PUT") {
      response.writeHead(404, { "content-type": "application/json" }).end("{}");
      return;
    }
    void text(request).then((body) => {
      taken.push(JSON.parse(body) as Published);
      response.writeHead(201, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return { options: [`--registry=http://${host}/`, `--//${host}/:_authToken=token`], taken };
}

test("npm publish sends a README whose links work elsewhere, packed and to be shown, and warns of nothing", async () => {
  const { options, taken } = await startRegistry();
  // A registry on this machine takes no statement of where the package was built.
  const { code, stdout, stderr } = await run(folder, "npm", "publish", "--provenance=false", ...options);
  expect({ code, warnings: `${stdout}${stderr}`.match(/^.*\b(?:warn|auto-corrected)\b.*$/gim) }).toEqual({
    code: 0,
    warnings: null,
  });
  // npm reads the README again after `postpack`, and npmjs.com shows what it read then.
  const [{ versions, _attachments: packed } = { versions: {}, _attachments: {} }] = taken;
  expectNpmPage(versions[version]?.readme ?? "");
  const tarball = join(folder, "sent.tgz");
  writeFileSync(tarball, Buffer.from(packed[`intermission-${version}.tgz`]?.data ?? "", "base64"));
  expectNpmPage(await readmeIn(tarball));
  expect(readmeNow()).toBe(readme);
});

test("npm has nothing to correct in package.json", async () => {
  const read = (): unknown => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const before = read();
  expect(await run(folder, "npm", "pkg", "fix")).toMatchObject({ code: 0 });
  expect(read()).toEqual(before);
});
