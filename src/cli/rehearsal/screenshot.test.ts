import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { UsageError } from "../arguments/usage-error.ts";
import { findBrowser, prepareScreenshot } from "./screenshot.ts";
import type { Arrived } from "./visit.ts";

const png = Buffer.from("\x89PNG\r\n\x1a\nold", "latin1");

const page: Arrived = {
  url: new URL("http://shop.example/a?b=1"),
  status: 503,
  headers: new Headers({ "content-type": "text/html" }),
  body: "",
  content: Buffer.from("<p>Back soon"),
  evidence: undefined,
};

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "intermission-picture-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A program in place of a browser, and a folder for the picture. */
function browser(script: string): { readonly folder: string; readonly environment: Record<string, string> } {
  const program = join(temporaryFolder(), "browser");
  writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return {
    folder: temporaryFolder(),
    environment: { BROWSER_PATH: program, PATH: process.env["PATH"] ?? "" },
  };
}

describe("the browser is", () => {
  test("the one that is named, be it there or not", () => {
    expect(findBrowser({ BROWSER_PATH: "/opt/mine", CHROME_PATH: "/opt/other" })).toBe("/opt/mine");
    expect(findBrowser({ CHROME_PATH: "/opt/other", PATH: "/usr/bin" })).toBe("/opt/other");
  });

  test("else the first on the PATH, then at a well-known place, on each system", () => {
    const PATH = ["/a", "/b"].join(delimiter);
    const windows = "C:\\Programs\\Microsoft\\Edge\\Application\\msedge.exe";
    for (const [there, found] of [
      [["/b/firefox", "/b/chromium", "/opt/google/chrome/chrome"], "/b/chromium"],
      [["/b/firefox", "/snap/bin/chromium"], "/b/firefox"],
      [["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"], undefined],
      [[windows], windows],
      [[], "none"],
    ] as const) {
      const result = findBrowser({ PATH, ProgramFiles: "C:\\Programs" }, (path) =>
        (there as readonly string[]).includes(path),
      );
      expect(result).toBe(found === "none" ? undefined : (found ?? there[0]));
    }
  });
});

describe("a picture", () => {
  test("is what the browser leaves, in place of an earlier picture, and nothing else is left", async () => {
    const { folder, environment } = browser(
      `for word; do case "$word" in --screenshot=*) printf '\\211PNG\\r\\n\\032\\nnew' > "\${word#*=}";; esac; done`,
    );
    writeFileSync(join(folder, "page.png"), png);
    const screenshot = await prepareScreenshot(join(folder, "page.png"), { environment });
    expect(await screenshot.take(page)).toBeUndefined();
    expect(readFileSync(join(folder, "page.png"), "latin1")).toContain("new");
    expect(readdirSync(folder)).toEqual(["page.png"]);
  });

  test("is not taken of another page than the one that came, nor with its token", async () => {
    const { folder, environment } = browser(`for word; do url=$word; done; echo "$url" >&2; exit 3`);
    const { file, take } = await prepareScreenshot(join(folder, "page.png"), { environment });
    expect(await take(page)).toMatch(/ended with 3: http:\/\/127\.0\.0\.1:\d+\/a\?b=1\.$/);
    expect(existsSync(file)).toBe(false);
  });

  test("that can't be taken leaves the earlier one, and says why, in bounded time", async () => {
    for (const [script, words] of [
      ["exit 0", "left no picture"],
      ["echo No display >&2; exit 1", "ended with 1: No display."],
      ["exec sleep 60", "took longer than 0.3 s"],
      ["kill -9 $$", "ended with a signal"],
    ] as const) {
      const { folder, environment } = browser(script);
      writeFileSync(join(folder, "page.png"), png);
      const { file, take } = await prepareScreenshot(join(folder, "page.png"), { environment, within: 300 });
      expect(await take(page)).toContain(words);
      expect(readFileSync(file)).toEqual(png);
      expect(readdirSync(folder)).toEqual(["page.png"]);
    }
    const folder = temporaryFolder();
    const nowhere = { BROWSER_PATH: join(folder, "nothing") };
    const named = await prepareScreenshot(join(folder, "page.png"), { environment: nowhere });
    expect(await named.take(page)).toMatch(/could not be started: spawn .* ENOENT/);
    const none = await prepareScreenshot(join(folder, "page.png"), { environment: { PATH: folder } });
    if (findBrowser({ PATH: folder }) === undefined)
      expect(await none.take(page)).toContain("no browser was found. Install Chromium");
  });

  test("never replaces what is no picture, and needs a folder that exists", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "notes.txt"), "mine");
    writeFileSync(join(folder, "empty"), "");
    mkdirSync(join(folder, "sub"));
    writeFileSync(join(folder, "real.png"), png);
    symlinkSync(join(folder, "real.png"), join(folder, "link.png"));
    for (const name of ["notes.txt", "sub", "link.png", "missing/page.png", "real.png/page.png"])
      await expect(prepareScreenshot(join(folder, name), { environment: {} })).rejects.toThrow(UsageError);
    for (const name of ["real.png", "empty", "new.png"])
      expect((await prepareScreenshot(join(folder, name), { environment: {} })).file).toBe(
        join(folder, name),
      );
  });
});
