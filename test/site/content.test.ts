import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { commandNames } from "../../src/cli/commands/index.ts";
import { languages, themeNames } from "../../src/core/settings/page-options.ts";
import { allMessages } from "../../src/page/languages/index.ts";
import { createPicker, planFor, projectOf, toLines } from "../../site/content/picker.ts";
import { referencePages } from "../../site/content/reference.ts";
import { renderShown } from "../../site/content/shown-pages.ts";
import { stores } from "../docs/parts.ts";

test("the picker says for every combination what init says in such a project", () => {
  const picker = createPicker();
  // An app in another language gets no package, and its store from DATABASE_URL.
  const node = picker.frameworks.filter(({ isNode }) => isNode);
  let compared = 0;
  picker.stores.forEach((store, storeIndex) => {
    picker.platforms.forEach((platform, platformIndex) => {
      // Every framework, store and platform, and every pair of the last two.
      const framework = node[(storeIndex * picker.platforms.length + platformIndex) % node.length]!;
      const whole = toLines(planFor(projectOf(framework.id, store.id, platform.id)));
      const parts = [
        ...store.install,
        ...framework.app,
        ...picker.environment[store.id]![platform.id]!,
        ...picker.deploy[platform.id]!,
      ];
      const sorted = (lines: typeof whole): string[] => lines.map((one) => JSON.stringify(one)).sort();
      expect(sorted(parts), `${framework.id}, ${store.id}, ${platform.id}`).toEqual(sorted(whole));
      compared += 1;
    });
  });
  expect(compared).toBeGreaterThanOrEqual(node.length);
});

test("the picker has lines for every framework, and every store that instances can share", () => {
  const picker = createPicker();
  expect(picker.stores.map(({ id }) => id).sort()).toEqual(
    Object.keys(stores)
      .filter((name) => !["http", "memory"].includes(name))
      .sort(),
  );
  for (const { id, app } of picker.frameworks) expect(app.length, id).toBeGreaterThan(0);
  for (const { id } of picker.platforms) expect(picker.deploy[id]?.length, id).toBeGreaterThan(0);
});

test("the page is shown in every theme and language as the product makes it, but for its script", () => {
  const folder = inject("siteFolder");
  for (const theme of themeNames) {
    for (const tag of languages) {
      const html = readFileSync(join(folder, `shown/${theme}/${tag}.html`), "utf8");
      const { language, direction, title, waiting } = allMessages[tag];
      expect(html).toBe(renderShown(theme, tag));
      expect(html).toContain(`<html lang="${language}" dir="${direction}">`);
      expect(html).toContain(`>${title}</h1>`);
      expect(html).toContain(`<p role="status">${waiting}</p>`);
      expect(html).not.toContain("<script");
    }
  }
});

test("the reference has every verb, and every name that the package exports", async () => {
  const [verbs, exported] = (await referencePages()).map(({ content }) => content);
  for (const name of commandNames) expect(verbs).toContain(`\n## ${name}\n`);
  const names = Object.keys(await import("../../src/index.ts"));
  expect(names.length).toBeGreaterThan(3);
  for (const name of names) expect(exported).toContain(`| \`${name}\` |`);
  expect(exported).toContain("\n## intermission/express\n");
});
