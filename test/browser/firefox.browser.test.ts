import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "vitest";
import { describeInFirefox } from "./firefox.ts";

describeInFirefox(
  "the page in Firefox",
  (stage) => {
    test("fits a phone, is dark and still on request, and axe objects to nothing", async () => {
      const page = await stage.newPage({ viewport: { width: 360, height: 740 } });
      await page.goto(stage.site.origin);
      const found = await page.evaluate(() => {
        const scope = globalThis as unknown as {
          innerWidth: number;
          matchMedia(query: string): { matches: boolean };
          document: { documentElement: { scrollWidth: number } };
        };
        const matches = (query: string): boolean => scope.matchMedia(query).matches;
        return {
          width: scope.innerWidth,
          scrolls: scope.document.documentElement.scrollWidth > scope.innerWidth,
          dark: matches("(prefers-color-scheme: dark)"),
          still: matches("(prefers-reduced-motion: reduce)"),
        };
      });
      expect(found).toEqual({ width: 360, scrolls: false, dark: true, still: true });
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id }) => id)).toEqual([]);
    });
  },
  { colorScheme: "dark" },
);
