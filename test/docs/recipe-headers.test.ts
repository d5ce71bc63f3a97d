import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isKept, keptHeaders } from "../../src/http/headers.ts";
import { root } from "./blocks.ts";

test.each([
  "deploy/nginx/intermission.lua",
  "deploy/nginx/intermission.js",
  "deploy/apache/intermission.lua",
])("%s keeps the headers of the failed answer that all adapters keep", (file) => {
  const text = readFileSync(join(root, file), "utf8");
  const [, names = ""] = /kept[^\n]*\n(?:for[^\n]*\[\[\n)?([^]*?)(?:\]\]|`)/.exec(text) ?? [];
  const [, families = ""] = /families = [[{](.*)[\]}]/.exec(text) ?? [];
  expect(names.trim().split(/\s+/).sort()).toEqual([...keptHeaders.names].sort());
  expect([...families.matchAll(/"([^"]+)"/g)].map(([, family]) => family)).toEqual(keptHeaders.families);
});

const named = [
  "deploy/nginx/plain.conf",
  "deploy/nginx/fastcgi.conf",
  "deploy/caddy/Caddyfile",
  "deploy/varnish/intermission.vcl",
].map((file) => {
  const text = readFileSync(join(root, file), "utf8");
  const sent = [
    ...text.matchAll(
      /(?:proxy_set_header|header_up|set req\.http\.)\s*X-Original-(\S+) .*kept|set req\.http\.X-Original-(\S+) = resp/g,
    ),
  ];
  return [
    file,
    sent
      .map(([, one, other]) => one ?? other ?? "")
      .filter((name) => !/^(?:Content-Type|Status)$/.test(name))
      .sort(),
  ] as const;
});

test.each(named)("%s sends what every proxy without code sends, and only what stays", (_, names) => {
  expect(names.length).toBeGreaterThan(10);
  expect(names).toEqual(named[0]?.[1]);
  for (const name of names)
    if (name !== "Content-Security-Policy")
      expect([name, isKept(name.toLowerCase(), new Set())]).toEqual([name, true]);
});
