import { describe, expect, test } from "vitest";
import { toFooter, toHeader, toLinks, withOwnWords } from "./brand.ts";
import { createPages, type Brand, type PageSettings } from "./index.ts";
import { en } from "./languages/en.ts";
import { toText } from "./template.ts";

const hostile = `"><script>'&`;
const logo = "data:image/gif;base64,R0lGODlhAQABAAAAACw=";

function documentWith(brand: Brand, settings: Partial<PageSettings> = {}): string {
  const pageFor = createPages({
    statusCode: 503,
    retryAfter: 60,
    onFailure: () => undefined,
    brand,
    ...settings,
  });
  return new TextDecoder().decode(pageFor({ method: "GET" }).body);
}

describe("own words", () => {
  test.each([
    ["in every language", "Gone fishing", "pt-BR", "Gone fishing"],
    ["in the very language", { "pt-BR": "Já volto", pt: "Volto já" }, "pt-BR", "Já volto"],
    ["in the language without its region", { pt: "Volto já" }, "pt-BR", "Volto já"],
    ["but not in those of another region", { "pt-BR": "Já volto" }, "pt", en.title],
    ["nor where there are none", {}, "pt", en.title],
    ["nor under names that every object has", {}, "constructor", en.title],
  ])("take the place of the page's: %s", (_name, title, language, expected) => {
    expect(withOwnWords({ ...en, language }, { title }).title).toBe(expected);
  });

  test("are in the page, and what the operator says now goes before them", () => {
    const brand = { title: "Tea break", message: "We are having <tea>." };
    const pageFor = createPages({ statusCode: 503, retryAfter: 60, onFailure: () => undefined, brand });
    const textOf = (message?: string): string =>
      new TextDecoder().decode(pageFor({ method: "GET" }, "closed", { message }).body);
    expect(textOf()).toContain("<h1>Tea break</h1>");
    expect(textOf()).toContain("<p>We are having &lt;tea&gt;.</p>");
    expect(textOf("Back at six.")).toContain("<h1>Tea break</h1>");
    expect(textOf("Back at six.")).toContain("<p>Back at six.</p>");
    expect(textOf("Back at six.")).not.toContain("tea&gt;");
  });
});

describe("the name and the logo", () => {
  test("are a header, and the name is in the title", () => {
    expect(toHeader({})).toBeUndefined();
    expect(documentWith({ name: "The shop" })).toContain("<header>The shop</header>");
    expect(documentWith({ name: "The shop" })).toContain("<title>We’ll be right back – The shop</title>");
    expect(documentWith({ name: "The shop", logo })).toContain(
      `<header><img src="${logo}" alt="The shop"></header>`,
    );
    expect(documentWith({ logo })).toContain(`<img src="${logo}" alt="">`);
  });
});

describe("the links", () => {
  const brand = { support: "mailto:help@shop.example", statusPage: "https://status.shop.example/?a=1&b" };

  test("are a footer, and leave no trace of where the visitor was", () => {
    expect(toFooter([])).toBeUndefined();
    expect(documentWith(brand)).toContain(
      '<footer><a href="https://status.shop.example/?a=1&amp;b" rel="noreferrer">Status page</a>' +
        '<a href="mailto:help@shop.example" rel="noreferrer">Contact us</a></footer>',
    );
  });

  test("are named in the language of the page, where that has words for them", () => {
    const german = { ...en, contact: "Kontakt", statusPage: "Statusseite" };
    expect(toLinks(brand, german).map(({ label }) => label)).toEqual(["Statusseite", "Kontakt"]);
  });
});

test("whatever a brand says is escaped", () => {
  const page = documentWith({
    name: hostile,
    title: hostile,
    message: hostile,
    support: hostile,
    logo: hostile,
  });
  expect(page).not.toContain(hostile);
  expect(page.match(/<script/g)).toHaveLength(1);
  const header = toHeader({ name: hostile });
  expect(header && toText(header)).not.toContain("<script");
});

describe("the accent", () => {
  function told(accent: string): { readonly page: string; readonly said: readonly string[] } {
    const said: string[] = [];
    const page = documentWith({ accent }, { onAccent: (given, shown) => said.push(`${given} ${shown}`) });
    return { page, said };
  }

  test("takes the place of the theme's, and its policy allows it", () => {
    const { page, said } = told("#0b5cad");
    expect(page).toContain("--accent: #0b5cad;");
    expect(page).not.toContain("--accent: #8c2a2e;");
    expect(said).toEqual([]);
  });

  test("that is too pale is made darker, and that is said once", () => {
    const { page, said } = told("#ffcc00");
    const [light, dark] = [...page.matchAll(/--accent: (\S+);/g)].map(([, colour]) => colour);
    expect(said).toEqual([`#ffcc00 ${light ?? ""}`]);
    expect(light).not.toBe("#ffcc00");
    expect(dark).toBe("#ffcc00");
  });
});
