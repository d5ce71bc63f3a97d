import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readPlaces, toNpmPage, toRepositoryReadme } from "../../site/content/npm-page.ts";
import { root } from "./blocks.ts";

const places = { site: "https://shop.example/docs/", repository: "https://code.example/us/it/" };
const { site, repository } = places;

/** Where a link of the README leads on npm's page. */
const absolute = {
  "docs/page.md": `${site}page.html`,
  "docs/stores.md#postgresql": `${site}stores.html#postgresql`,
  "docs/frameworks.md": `${site}frameworks/`,
  "deploy/README.md#which-one": `${site}recipes/#which-one`,
  "deploy/django/README.md": `${site}recipes/django.html`,
  "src/frameworks/next/README.md": `${site}frameworks/next.html`,
  "bench/RESULTS.md": `${site}what-it-costs.html`,
  "CONTRIBUTING.md": `${site}contributing.html`,
  LICENSE: `${repository}blob/HEAD/LICENSE`,
  "src/core/decide.ts#L10": `${repository}blob/HEAD/src/core/decide.ts#L10`,
  "docs/pictures/demo.png": `${repository}raw/HEAD/docs/pictures/demo.png`,
  "#see-it": "#see-it",
  "https://nodejs.org/api/": "https://nodejs.org/api/",
  "mailto:us@shop.example": "mailto:us@shop.example",
  "//cdn.example/picture.png": "//cdn.example/picture.png",
};

const targets = Object.keys(absolute) as (keyof typeof absolute)[];

/** Ways to write a link. */
const links: Readonly<Record<string, (target: string) => string>> = {
  plain: (target) => `See [the page](${target}), and (this).`,
  "with a title": (target) => `See [the *page*](${target} "A (title)").`,
  "in angle brackets": (target) => `[the page](<${target}>)`,
  picture: (target) => `![A picture [of it]](${target})`,
  "picture that is a link": (target) => `[![A picture](${target})](${target})`,
  "around code": (target) => `[the \`page](x)\` here](${target})`,
  "in a list": (target) => `- one\n- [two](${target})\n\n    More of [two](${target}).`,
  "in a table": (target) => `| a | b |\n| - | - |\n| [c](${target}) | d |`,
  quoted: (target) => `> [the page](${target})`,
  "by reference": (target) => `[the page][1] and [2].\n\n[1]: ${target}\n[2]: <${target}> "title"`,
  "in HTML": (target) =>
    `<p align="center"><a class="x" href="${target}">it</a> <a href='${target}'>it</a></p>`,
  "picture in HTML": (target) => `<img alt="a > b" src="${target}" width=300>`,
  "pictures by size": (target) =>
    `<picture><source srcset="${target} 1x, ${target} 2x"><img src="${target}"></picture>`,
};

/** What only looks like one. */
const others: Readonly<Record<string, (target: string) => string>> = {
  fence: (target) => `\`\`\`md\n[the page](${target})\n\n<img src="${target}">\n\`\`\``,
  "longer fence": (target) => `~~~~\n~~~\n[the page](${target})\n~~~~~`,
  "fence in a list": (target) => `- one\n  \`\`\`\n  [the page](${target})\n  \`\`\``,
  "indented code": (target) => `For example:\n\n    [the page](${target})\n\n    ![it](${target})`,
  "code in a line": (target) => `Write \`[the page](${target})\` or \`\`a \` [b](${target})\`\`.`,
  comment: (target) => `<!-- check: [the page](${target}) -->\n\n<!--\n<img src="${target}">\n-->`,
  escaped: (target) => `\\[the page\\](${target})`,
  words: () => "Nothing (to see), [here] or [there] or `[`.",
};

const block = fc.oneof(
  fc
    .record({ way: fc.constantFrom(...Object.keys(links)), target: fc.constantFrom(...targets) })
    .map(({ way, target }) => [links[way]!(target), links[way]!(absolute[target])] as const),
  fc
    .record({ way: fc.constantFrom(...Object.keys(others)), target: fc.constantFrom(...targets) })
    .map(({ way, target }) => [others[way]!(target), others[way]!(target)] as const),
);

test("every way to write a link becomes absolute on npm's page, and comes back; nothing else changes", () => {
  fc.assert(
    fc.property(
      fc.array(block, { minLength: 1, maxLength: 8 }),
      fc.constantFrom("\n", "\r\n"),
      (blocks, end) => {
        const join = (place: 0 | 1): string =>
          // A paragraph between them, since a list goes on after a blank line.
          blocks
            .map((one) => one[place])
            .join("\n\nAnd:\n\n")
            .replaceAll("\n", end);
        const npmPage = toNpmPage(join(0), places);
        expect(npmPage).toBe(join(1));
        expect(toNpmPage(npmPage, places)).toBe(npmPage);
        expect(toRepositoryReadme(npmPage, places)).toBe(join(0));
        expect(toRepositoryReadme(join(0), places)).toBe(join(0));
      },
    ),
    { numRuns: 200 },
  );
});

test("whatever the text is, it comes back as it was, or is refused", () => {
  const pieces = [
    ...[
      "[",
      "]",
      "](",
      ")",
      "!",
      "`",
      "```",
      "~~~",
      "<",
      ">",
      "\\",
      "\n",
      "\r\n",
      "    ",
      "- ",
      "<!--",
      "-->",
    ],
    ...[
      "<img src=",
      "<a href='",
      '"',
      "'",
      "#",
      "./",
      "../",
      "deploy/",
      "docs/",
      "docs/page.md",
      "LICENSE",
      " ",
    ],
    ...["[a]: ", site, repository, "blob/HEAD/", "page.html", "https:", "//", "word"],
  ];
  let refused = 0;
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 30 }), (words) => {
      // A link that is absolute already is a relative one afterwards.
      const text = toRepositoryReadme(words.join(""), places);
      let npmPage: string;
      try {
        npmPage = toNpmPage(text, places);
      } catch (error) {
        refused++;
        expect(String(error)).toMatch(/README\.md links to|has no README/);
        return;
      }
      expect(toNpmPage(npmPage, places)).toBe(npmPage);
      expect(toRepositoryReadme(npmPage, places)).toBe(text);
    }),
    { numRuns: 1000 },
  );
  expect(refused).toBeGreaterThan(0);
});

test.each([
  ["deploy/", "deploy/README.md"],
  ["deploy/django", "deploy/django/README.md"],
  ["./docs/page.md", "docs/page.md"],
  ["/docs/page.md", "docs/page.md"],
  ["docs/../LICENSE", "LICENSE"],
])("a link to %s, which would not come back, is refused with the one to write", (target, instead) => {
  expect(() => toNpmPage(`[it](${target})`, places)).toThrow(
    `README.md links to ${target}, which would come back as ${instead}. Write that instead.`,
  );
});

test.each(["docs/nothing.md", "nothing.png", "../LICENSE", "docs/pictures/"])(
  "a link to %s, which leads to nothing, is refused",
  (target) => {
    expect(() => toNpmPage(`[it](${target})`, places)).toThrow(target.replace(/\/$/, ""));
  },
);

test("in the repository the README's links are relative; after a pack that was interrupted: node scripts/npm-page.js postpublish", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  expect(toRepositoryReadme(readme, readPlaces())).toBe(readme);
  expect(toNpmPage(readme, readPlaces())).not.toBe(readme);
});
