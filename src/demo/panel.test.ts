import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { panelPolicy, toPanelPage } from "./panel-page.ts";

const panelPage = toPanelPage(true);

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
