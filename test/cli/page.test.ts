import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { languages } from "../../src/core/settings/page-options.ts";
import { visit } from "../support/http.ts";
import { cliPath, runCli, temporaryFolder } from "./run-cli.ts";

let cwd: string;
beforeEach(() => {
  cwd = temporaryFolder();
});

describe("page export", () => {
  const cli = (...words: readonly string[]) => runCli(["page", "export", ...words], { cwd });

  test("writes every language in every format, and prints what serves them", async () => {
    const { exitCode, stdout, stderr } = await cli("pages");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^# In http .*[^]*\nlocation = \/\.maintenance \{/);
    expect(stderr).toContain("Wrote 196 pages and README.md");
    const names = languages.flatMap((tag) => ["html", "json", "txt", "xml"].map((one) => `${tag}.${one}`));
    expect(readdirSync(join(cwd, "pages")).sort()).toEqual(["README.md", ...names].sort());
    const read = (name: string): string => readFileSync(join(cwd, "pages", name), "utf8");
    expect(read("pt-BR.html")).toContain('<html lang="pt-BR"');
    expect(JSON.parse(read("de.json"))).toMatchObject({ status: 503, retryAfter: 60 });
    expect(read("de.txt")).toContain("Wir sind gleich zurück");
    expect(read("ja.txt")).not.toBe(read("en.txt"));
    expect(read("README.md")).toContain(stdout);
  });

  test("writes into no folder with files of others, unless it is told to, and removes none", async () => {
    mkdirSync(join(cwd, "pages"));
    writeFileSync(join(cwd, "pages/README.md"), "# Ours\n");
    const refused = await cli("pages", "--json");
    expect(refused.exitCode).toBe(2);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      error: { code: "bad-option", got: "files of others" },
    });
    expect(readdirSync(join(cwd, "pages"))).toEqual(["README.md"]);

    writeFileSync(join(cwd, "pages/logo.svg"), "<svg/>");
    const forced = await cli("pages", "--force", "--json");
    expect(JSON.parse(forced.stdout)).toMatchObject({ folder: join(cwd, "pages") });
    expect(readdirSync(join(cwd, "pages"))).toHaveLength(198);
    // It may overwrite its own files.
    expect((await cli("pages")).exitCode).toBe(0);
  });

  test("has the template, the theme and the brand", async () => {
    writeFileSync(join(cwd, "page.html"), "<h1>{{title}} ({{language}})</h1>");
    writeFileSync(join(cwd, "brand.json"), '{"title":{"de":"Gleich <da>"}}');
    await cli("pages", "--template", "page.html", "--brand", "brand.json");
    expect(readFileSync(join(cwd, "pages/de.html"), "utf8")).toBe("<h1>Gleich &lt;da&gt; (de)</h1>");
    await cli("terminal", "--theme", "terminal", "--brand", "brand.json");
    expect(readFileSync(join(cwd, "terminal/de.html"), "utf8")).toContain("Gleich &lt;da&gt;</h1>");
  });

  test.each([
    [["pages", "--template", "missing.html"], "missing.html"],
    [["pages", "--theme", "plaid"], "plaid"],
    [["pages", "--port", "80"], "--port"],
    [[], "folder"],
  ])("%j: nothing is written", async (words, named) => {
    const { exitCode, stderr } = await cli(...words);
    expect([exitCode, stderr.includes(named)]).toEqual([2, true]);
    expect(existsSync(join(cwd, "pages"))).toBe(false);
  });
});

async function preview(...words: readonly string[]) {
  const child = spawn(process.execPath, [cliPath, "page", "preview", "--json", ...words], {
    cwd,
    env: { PATH: process.env["PATH"] },
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding("utf8").once("data", (text: string) => {
      resolve((JSON.parse(text) as { readonly url: string }).url);
    });
    child.once("exit", () => {
      reject(new Error(stderr));
    });
  });
  return {
    url,
    /** The whole text of an answer of the gallery. */
    get: async (path: string) => visit(new URL(path, url).href),
    async stop(signal: NodeJS.Signals) {
      const ended = once(child, "exit");
      child.kill(signal);
      return (await ended)[0] as number | null;
    },
  };
}

/** The events received so far. */
async function events(url: string) {
  const asked = request(url).end();
  const [response] = (await once(asked, "response")) as [NodeJS.ReadableStream];
  onTestFinished(() => {
    asked.destroy();
  });
  const told: string[] = [];
  response.setEncoding("utf8");
  response.on("data", (text: string) => told.push(...(text.match(/(?<=^data: ).+/gm) ?? [])));
  return told;
}

describe("page preview", () => {
  test("shows what a visitor gets, with its status and headers", async () => {
    const { get, stop } = await preview("--theme", "minimal");
    const gallery = await get("/?language=ar&situation=closed");
    expect(gallery.body).toContain('<option value="minimal" selected>');
    expect(gallery.body).toContain(
      'src="/page?theme=minimal&amp;language=ar&amp;format=html&amp;situation=closed&amp;width=full"',
    );
    expect(gallery.headers["content-security-policy"]).toContain("default-src 'none'");
    const page = await get("/page?language=ar&situation=closed");
    expect(page).toMatchObject({
      status: 503,
      headers: { "x-maintenance": "closed", "retry-after": "7200" },
    });
    expect(page.body).toContain('<html lang="ar" dir="rtl">');
    expect((await get("/page?situation=post")).body).toContain('data-method="other"');
    const json = await get("/page?format=json");
    expect(json).toMatchObject({ status: 200, headers: { "content-type": "text/plain; charset=utf-8" } });
    expect(json.body).toMatch(
      /^HTTP\/1\.1 503 Service Unavailable\ncontent-type: application\/problem\+json[^]*\n\n\{/,
    );
    expect((await get("/nothing")).status).toBe(404);
    expect(await stop("SIGTERM")).toBe(0);
  });

  test("says when a file has changed, and what is wrong with it", async () => {
    const path = join(cwd, "page.html");
    writeFileSync(path, "<h1>{{titel}}</h1>");
    const { url, get, stop } = await preview("--template", path, "--brand", "brand.json");
    const gallery = (await get("/")).body;
    expect(gallery.match(/<p role="alert">.*?<\/p>/g)).toEqual([
      expect.stringContaining("{{titel}}"),
      expect.stringContaining("brand.json"),
    ]);
    expect((await get("/page")).body).toContain("data-retry-after");

    const told = await events(new URL("/events", url).href);
    await expect.poll(() => told.length).toBe(1);
    expect(gallery).toContain(`data-version="${told[0] ?? ""}"`);
    writeFileSync(path, "<h1>{{title}}</h1>");
    utimesSync(path, 1, 1);
    await expect.poll(() => told.length, { timeout: 5000 }).toBe(2);
    writeFileSync(join(cwd, "brand.json"), '{"title":"Mended"}');
    await expect.poll(() => told.length, { timeout: 5000 }).toBe(3);
    expect((await get("/page")).body).toBe("<h1>Mended</h1>");
    expect((await get("/")).body).not.toContain('role="alert"');
    // A watcher does not keep it running.
    expect(await stop("SIGINT")).toBe(0);
  });

  test("answers this machine alone, and takes nothing", async () => {
    const { url, get } = await preview();
    const stranger = await visit(url, { headers: { host: "evil.example" } });
    expect(stranger.status).toBe(421);
    expect((await visit(url, { method: "POST" })).status).toBe(405);
    expect((await get("/page?theme=../../etc&language=%00&format=constructor")).status).toBe(503);
  });

  test("a port that is taken is said", async () => {
    const { url } = await preview();
    const second = await runCli(["page", "preview", "--port", new URL(url).port], { cwd });
    expect([second.exitCode, second.stderr]).toEqual([1, expect.stringContaining("Nothing can listen")]);
  });

  test.each([[["page"]], [["page", "show"]], [["page", "preview", "x"]], [["page", "preview", "--force"]]])(
    "%j is wrong usage",
    async (words) => {
      expect((await runCli(words, { cwd })).exitCode).toBe(2);
    },
  );
});
