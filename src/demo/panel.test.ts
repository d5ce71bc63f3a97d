import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { isLoopbackHost } from "./panel.ts";
import { panelPage, panelPolicy } from "./panel-page.ts";

describe("a host", () => {
  test.each(["127.0.0.1", "127.0.0.1:4500", "localhost:4500", "LOCALHOST", "[::1]:4500"])(
    "%s is this machine",
    (host) => {
      expect(isLoopbackHost(host)).toBe(true);
    },
  );

  test.each([
    undefined,
    "",
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example:4500",
    "evil.example:127.0.0.1",
    "127.0.0.1:4500@evil.example",
    "0.0.0.0:4500",
  ])("%s is none of ours", (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  });
});

describe("the panel's page", () => {
  test("allows exactly its own script and style", () => {
    for (const tag of ["script", "style"]) {
      const source = new RegExp(`<${tag}>(.*)</${tag}>`, "s").exec(panelPage)?.[1] ?? "";
      expect(source.length).toBeGreaterThan(1000);
      const hash = createHash("sha256").update(source).digest("base64");
      expect(panelPolicy).toContain(`${tag}-src 'sha256-${hash}'`);
    }
  });

  test("takes nothing from outside", () => {
    expect(panelPage).not.toMatch(/(?:src|href|action)="(?:https?:)?\/\//);
    expect(panelPage).not.toMatch(/url\(|@import/);
  });
});
