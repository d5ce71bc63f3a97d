import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { pagesWith, textOf, visits } from "../../test/support/pages.ts";
import { compileTemplate, loadLanguages } from "./index.ts";

beforeAll(loadLanguages);

describe("every page", () => {
  test.each(Object.entries(visits))(
    "as %s has the headers of an answer that is not to be kept",
    (_name, visit) => {
      const { status, headers } = pagesWith({ retryAfter: 90 })(visit);
      expect(status).toBe(503);
      expect(headers).toMatchObject({
        "content-language": "en",
        "retry-after": "90",
        "cache-control": "no-store",
        vary: "Accept, Accept-Language",
        "x-content-type-options": "nosniff",
      });
      expect(headers["content-security-policy"]).toMatch(/^default-src 'none'/);
      expect(Object.keys(headers).filter((name) => name !== name.toLowerCase())).toEqual([]);
    },
  );

  test("has the type of its format", () => {
    const typeOf = (visit: keyof typeof visits): string | undefined =>
      pagesWith()(visits[visit]).headers["content-type"];
    expect(typeOf("html")).toBe("text/html; charset=utf-8");
    expect(typeOf("problem")).toBe("application/problem+json");
    expect(typeOf("text")).toBe("text/plain; charset=utf-8");
    expect(pagesWith()(visits.empty).body).toHaveLength(0);
  });

  test("has the status of the settings, in its body too", () => {
    const page = pagesWith({ statusCode: 418 })(visits.problem);
    expect(page.status).toBe(418);
    expect(JSON.parse(textOf(page))).toMatchObject({ status: 418 });
  });

  test("has the status of the error, in its body too, where the settings say original", () => {
    const pageFor = pagesWith({ statusCode: "original" });
    for (const failedStatus of [500, 502, 500, 507]) {
      const page = pageFor({ ...visits.problem, failedStatus });
      expect(page.status).toBe(failedStatus);
      expect(JSON.parse(textOf(page))).toMatchObject({ status: failedStatus });
    }
    expect(pageFor(visits.problem).status).toBe(503);
    expect(pageFor({ ...visits.problem, failedStatus: 500 }, "manual").status).toBe(500);
    expect(pageFor({ ...visits.problem, failedStatus: 500 }, "closed").status).toBe(503);
  });

  test("is made once and sent many times", () => {
    const pageFor = pagesWith();
    expect(pageFor({ method: "GET", accept: "text/html" })).toBe(
      pageFor({ method: "HEAD", accept: "text/*" }),
    );
    expect(pageFor({ method: "POST", accept: "text/html" })).toBe(
      pageFor({ method: "PUT", accept: "text/html" }),
    );
  });

  test.each(["html", "problem", "text"] as const)(
    "as %s warns who sent something that it may be lost",
    (format) => {
      const pageFor = pagesWith();
      expect(textOf(pageFor({ ...visits[format], method: "POST" }))).toContain("may not have been saved");
      expect(textOf(pageFor({ ...visits[format], method: "HEAD" }))).not.toContain("may not have been saved");
    },
  );

  test("is there for any visit", () => {
    const pageFor = pagesWith();
    const header = fc.option(fc.string({ unit: "binary" }), { nil: undefined });
    const visit = fc.record({
      method: fc.string(),
      accept: header,
      acceptLanguage: header,
      fetchDestination: header,
      requestedWith: header,
      failedContentType: header,
    });
    fc.assert(
      fc.property(visit, (any) => {
        expect(pageFor(any).status).toBe(503);
      }),
    );
  });
});

describe("the language of a page", () => {
  const acceptLanguage = "de-AT, en;q=0.5";

  test.each(Object.entries(visits))("as %s is the visitor's", (_name, visit) => {
    expect(pagesWith()({ ...visit, acceptLanguage }).headers["content-language"]).toBe("de");
  });

  test("is that of its texts, in every format that has any", () => {
    const pageFor = pagesWith();
    const document = textOf(pageFor({ ...visits.html, acceptLanguage }));
    expect(document).toContain('<html lang="de" dir="ltr">');
    expect(document).toContain("<h1>Wir sind gleich zurück</h1>");
    expect(document).toContain('data-offline="Sie sind offline.');
    expect(textOf(pageFor({ ...visits.text, acceptLanguage }))).toContain("in 1 Minute");
    const problem = JSON.parse(textOf(pageFor({ ...visits.problem, acceptLanguage })));
    // The title belongs to the problem type and is always the same.
    expect(problem).toMatchObject({
      title: "Service Unavailable",
      detail: expect.stringContaining("in 1 Minute") as string,
    });
  });

  test("says from which side it is read", () => {
    const document = textOf(pagesWith()({ ...visits.html, acceptLanguage: "he" }));
    expect(document).toContain('<html lang="he" dir="rtl">');
  });

  test("is the site's own for visitors who ask for none that there is", () => {
    const pageFor = pagesWith({ language: "fr" });
    const languageFor = (header?: string): string | undefined =>
      pageFor({ ...visits.html, acceptLanguage: header }).headers["content-language"];
    expect(languageFor()).toBe("fr");
    expect(languageFor("tlh, *;q=0.5")).toBe("fr");
    expect(languageFor("tlh, en;q=0.5")).toBe("en");
  });

  test("makes a page of its own, once", () => {
    const pageFor = pagesWith();
    const german = pageFor({ ...visits.html, acceptLanguage });
    expect(pageFor(visits.html)).not.toBe(german);
    expect(pageFor({ ...visits.html, acceptLanguage: "de" })).toBe(german);
  });

  test("reaches a template", () => {
    const pageFor = pagesWith({ template: compileTemplate("{{language}} {{title}}") });
    expect(textOf(pageFor({ ...visits.html, acceptLanguage }))).toBe("de Wir sind gleich zurück");
  });
});

describe("what the operator has to say", () => {
  const notice = { message: `We move <house> & "home"`, backIn: 5400 };

  test("takes the place of the page's own words, and is escaped", () => {
    const pageFor = pagesWith();
    const document = textOf(pageFor(visits.html, "closed", notice));
    expect(document).toContain("<p>We move &lt;house&gt; &amp; &quot;home&quot;</p>");
    expect(document).toContain("Please try again in 90 minutes.");
    expect(document).not.toContain("We are updating");
    expect(textOf(pageFor(visits.text, "closed", notice))).toContain(notice.message);
    expect(JSON.parse(textOf(pageFor(visits.problem, "closed", notice)))).toMatchObject({
      detail: `${notice.message} Please try again in 90 minutes.`,
      retryAfter: 5400,
    });
  });

  test("reaches a template by the fields that it knows", () => {
    const template = compileTemplate("{{message}} {{retryAfter}}");
    expect(textOf(pagesWith({ template })(visits.html, "manual", notice))).toBe(
      "We move &lt;house&gt; &amp; &quot;home&quot; Please try again in 90 minutes. 5400",
    );
  });

  test.each([
    [1, "1", "in 1 second"],
    [86_400, "86400", "in 24 hours"],
    [86_401, "86400", "in 25 hours"],
    [3 * 86_400, "86400", "in 3 days"],
  ])("of %i seconds until it is back, asks again after at most a day", (backIn, retryAfter, words) => {
    const page = pagesWith()(visits.text, "closed", { backIn });
    expect(page.headers["retry-after"]).toBe(retryAfter);
    expect(textOf(page)).toContain(words);
  });

  test("is no part of the next page without it", () => {
    const pageFor = pagesWith();
    const before = pageFor(visits.html);
    pageFor(visits.html, "deploy", notice);
    expect(pageFor(visits.html)).toBe(before);
    expect(pageFor(visits.html, "deploy", notice)).not.toBe(before);
  });

  test("however often it changes, does not fill the memory", () => {
    const pageFor = pagesWith();
    const first = pageFor(visits.html, "closed", { backIn: 1 });
    for (let backIn = 2; backIn <= 128; backIn++) pageFor(visits.html, "closed", { backIn });
    expect(pageFor(visits.html, "closed", { backIn: 1 })).toBe(first);
    pageFor(visits.html, "closed", { backIn: 129 });
    expect(pageFor(visits.html, "closed", { backIn: 1 })).not.toBe(first);
  });

  test("or why the page is there, is in a header", () => {
    const pageFor = pagesWith({ template: () => "<p>" });
    for (const visit of Object.values(visits)) {
      expect(pageFor(visit).headers["x-maintenance"]).toBe("deploy");
      expect(pageFor(visit, "manual").headers["x-maintenance"]).toBe("manual");
      expect(pageFor(visit, "closed").headers["x-maintenance"]).toBe("closed");
    }
  });
});
