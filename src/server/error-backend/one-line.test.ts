import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { createIntermission } from "../../engine/create.ts";
import { memoryStore } from "../../stores/memory/index.ts";
import { toOneLine } from "./one-line.ts";

const quiet = { warn: () => {}, error: () => {} };

test("the built-in page is on one line, and its policy allows exactly the style that is left", async () => {
  const intermission = createIntermission({ store: memoryStore(), logger: quiet }, { environment: {} });
  await intermission.ready();
  const page = intermission.page({ method: "GET", accept: "text/html" });
  const policy = page.headers["content-security-policy"] ?? "";
  const line = toOneLine(new TextDecoder().decode(page.body), policy);
  await intermission.close();

  expect(line.html).toMatch(/^<!doctype html>.+<\/html>$/);
  const style = /<style>(.*)<\/style>/.exec(line.html)?.[1] ?? "";
  const hash = createHash("sha256").update(style).digest("base64");
  expect(line.policy).toContain(`style-src 'sha256-${hash}'`);
  expect(line.policy).not.toBe(policy);
});

test("a script on one line stays, and one on several is left out", () => {
  const html = "<p>a</p>\n<script>b()</script>\n<script>c() // d\ne()</script>\n";
  expect(toOneLine(html, "").html).toBe("<p>a</p> <script>b()</script>");
});
