import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { midDeploy } from "../support/deploy-window.ts";
import { readDocument, root } from "./blocks.ts";

/** What holds each promise: files, and parts of the names of their tests. */
const held: Readonly<Record<string, readonly (readonly [file: string, name: string])[]>> = {
  "No secrets in messages": [
    ["src/stores/open.test.ts", "never shows a password, whatever is in it and however the URL is broken"],
    ["src/stores/http/faults.test.ts", "fails in its time, says why and what to do, and never the token"],
    ["test/fuzz/store-urls.fuzz.test.ts", "is opened, or refused without its password"],
  ],
  "Nothing of the error to visitors": [
    ["test/docs/security.test.ts", "no format of the page shows a release"],
    ["test/page/clients.test.ts", 'not.toContain("secret")'],
    [
      "src/testing/framework-contract-errors.ts",
      "and what the option keepHeaders names of the failed answer",
    ],
  ],
  "A strict policy": [
    ["src/page/formats/html/index.test.ts", "starts from nothing and never says unsafe"],
    ["src/page/formats/html/index.test.ts", "names nothing outside of itself"],
    ["src/page/own-pages.test.ts", "no code from elsewhere"],
  ],
  "Escaped text": [
    ["src/page/formats/html/index.test.ts", "escapes whatever it is given"],
    ["src/page/template.test.ts", "escapes values, and does not look for placeholders in them"],
    ["src/page/brand.test.ts", "whatever a brand says is escaped"],
  ],
  "A bypass link can't be forged": [
    ["src/core/bypass.test.ts", "is HMAC-SHA-256 with the key's 32 bytes"],
    ["src/core/bypass.test.ts", "is void with any other key: after off, and after the next on"],
    ["src/core/bypass.test.ts", "is void for any other app, whatever its name"],
    ["src/engine/gate.test.ts", "a bypass holds for twelve hours, and no longer than the mode"],
    ["src/frameworks/node/closed.test.ts", "x-forwarded-for"],
    ["test/proxies/proxy-contract.ts", "no header of a visitor changes what becomes of an error"],
  ],
  "A closed site is closed": [
    ["test/paths/exempt-paths.test.ts", "a path that the gate exempts is exempt to the router of"],
    ["src/core/path-glob.test.ts", "a path means what a pattern says only where every server reads it alike"],
  ],
  "Reporting steers nothing": [
    ["src/server/store-handler/index.test.ts", "gives the holder of the %s its rights"],
    ["src/server/store-handler/report-quota.test.ts", "in size: 2,500 of 16 KiB are not all kept"],
    ["src/server/error-backend/index.test.ts", "one that no deploy recorded"],
    ["src/reports/instances.test.ts", "what a report may hold is bounded"],
    ["src/reports/frameworks.test.ts", "has the route, and nobody's name"],
  ],
  "The console is closed to others": [
    ["src/server/console/index.test.ts", "nobody without the token"],
    ["src/server/console/index.test.ts", "the token becomes a cookie that no script and no other site gets"],
    ["src/server/console/index.test.ts", "who tries tokens is stopped"],
    ["src/server/console/index.test.ts", "which somebody else may have pointed here"],
    ["src/server/console/index.test.ts", "by a proxy's header, from the proxy's address alone"],
    ["src/server/console/index.test.ts", "no form of %s"],
    ["src/server/console/index.test.ts", "no other site may frame it"],
    ["src/server/console/index.test.ts", "with the token to look"],
    ["src/server/console/index.test.ts", "nothing as markup, whatever the store says"],
    ["src/server/console/load.test.ts", "fifty who look cost the store what one does"],
    ["src/server/console/load.test.ts", "the two hundred and first who looks is refused"],
    ["src/server/console/actions.test.ts", "that is no form, or too long, is refused"],
    ["test/browser/console.browser.test.ts", "keeps the token out of it"],
  ],
  "Private files": [
    ["src/stores/sqlite/database-file.test.ts", "is for its owner alone"],
    [
      "src/server/own-folder.test.ts",
      "a link in a file's place is replaced, and what it leads to is left alone",
    ],
    ["src/server/own-folder.test.ts", "that every user may write is refused"],
  ],
  "Bounded work": [
    ["src/page/negotiate.test.ts", "of a million characters (%s) takes no longer than a short one"],
    ["src/engine/create.test.ts", "costs the store at most one read a second, whatever the verdict"],
    ["src/http/node/hold.test.ts", "is let go as regular when it grows beyond what is kept"],
  ],
  "Never worse": [
    ["src/http/node/hold.test.ts", "is let go as regular when the store does not answer in time"],
    ["src/page/own-pages.test.ts", "that fails gives way even where telling fails too"],
    ["src/engine/create-events.test.ts", "that throws is warned of, and the verdict is what it was"],
  ],
  "No dependencies": [["test/package/contents.test.ts", "installs no other package"]],
};

const [, promises = ""] = /## What is promised\n([^]*?)\n## /.exec(readDocument("SECURITY.md")) ?? [];

describe("SECURITY.md", () => {
  test("promises only what tests hold", () => {
    expect([...promises.matchAll(/^- \*\*(.+?)\.\*\*/gm)].map(([, promise]) => promise)).toEqual(
      Object.keys(held),
    );
  });

  test.each(Object.entries(held))("%s: the tests that hold it exist", (_, tests) => {
    for (const [file, name] of tests) expect(readFileSync(join(root, file), "utf8"), file).toContain(name);
  });

  test("no format of the page shows a release", async () => {
    const intermission = await midDeploy({ release: "release-of-old" });
    await intermission.createRelease("release-of-new", { wait: false });
    try {
      for (const accept of ["text/html", "application/json", "application/xml", "text/plain", "image/png"]) {
        for (const cause of ["deploy", "manual", "closed"] as const) {
          const { headers, body } = intermission.page({ method: "GET", accept }, cause);
          expect(headers["x-maintenance"]).toBe(cause);
          expect(JSON.stringify(headers) + new TextDecoder().decode(body)).not.toMatch(
            /release-of-(?:old|new)/,
          );
        }
      }
    } finally {
      await intermission.close();
    }
  });
});
