import { describe, expect, test } from "vitest";
import { pagesWith, textOf, visits } from "../../test/support/pages.ts";
import type { PageView } from "../core/settings/page-options.ts";
import { compileTemplate, createPages } from "./index.ts";

describe("a page from a template", () => {
  const template = compileTemplate(
    '<h1 lang="{{language}}">{{title}}</h1><p>{{message}}</p>{{retryAfter}} {{status}}',
  );

  test("takes the place of the HTML, and of nothing else", () => {
    const pageFor = pagesWith({ template });
    expect(textOf(pageFor(visits.html))).toBe(
      '<h1 lang="en">We’ll be right back</h1><p>We are updating this site, so this page can’t be shown for a moment. ' +
        "Nothing you did caused this. Please try again in 1 minute.</p>60 503",
    );
    expect(pageFor(visits.html).headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(JSON.parse(textOf(pageFor(visits.problem)))).toMatchObject({ status: 503 });
    expect(textOf(pageFor(visits.text))).not.toContain("<h1");
  });

  test("may have styles and scripts of its own, but no code from elsewhere", () => {
    const policy = pagesWith({ template })(visits.html).headers["content-security-policy"] ?? "";
    const scripts = policy.split("; ").find((directive) => directive.startsWith("default-src"));
    expect(scripts).toBe("default-src 'self' 'unsafe-inline'");
    expect(policy).not.toContain("script-src");
  });

  test("is given exactly what a template may show", () => {
    const views: PageView[] = [];
    pagesWith({ template: (view) => views.push(view).toString() })(visits.html);
    expect(Object.keys(views[0] ?? {}).sort()).toEqual([
      "language",
      "message",
      "retryAfter",
      "status",
      "title",
    ]);
  });

  test.each<readonly [string, (view: PageView) => unknown]>([
    [
      "throws",
      () => {
        throw new Error("broken");
      },
    ],
    ["makes nothing", () => undefined],
    ["makes a promise", () => Promise.resolve("<p>")],
    ["makes a promise that fails", () => Promise.reject(new Error("broken"))],
    [
      "makes something with a poisoned then",
      () => Object.defineProperty({}, "then", { get: () => JSON.parse("{") as unknown }),
    ],
  ])("that %s gives way to the built-in page, and each failure is told", async (_name, broken) => {
    const failures: unknown[] = [];
    const pageFor = pagesWith({
      template: broken as (view: PageView) => string,
      onFailure: (error) => failures.push(error),
    });
    const builtIn = pagesWith()(visits.html);
    expect(pageFor(visits.html)).toEqual(builtIn);
    expect(pageFor(visits.html)).toEqual(builtIn);
    expect(failures).toHaveLength(2);
    expect(failures[0]).toBeInstanceOf(Error);
    // An unhandled rejection would be reported after this turn and fail the test.
    await new Promise((resolve) => setImmediate(resolve));
  });

  test("that fails gives way even where telling fails too", () => {
    const template = (): string => {
      throw new Error("broken");
    };
    expect(textOf(pagesWith({ template })(visits.html))).toContain("<h1>");
  });
});

describe("a format of the operator", () => {
  const visit = { method: "GET", accept: "text/csv" };

  test("is sent to who asks for it, and made once", () => {
    const views: PageView[] = [];
    const render = (view: PageView): string => `${String(view.status)},${String(views.push(view))}`;
    const pageFor = pagesWith({
      formats: [{ mediaTypes: ["text/csv"], contentType: "text/csv; header=absent", render }],
    });
    expect(textOf(pageFor(visit))).toBe("503,1");
    expect(pageFor(visit)).toBe(pageFor(visit));
    expect(pageFor(visit).headers).toMatchObject({
      "content-type": "text/csv; header=absent",
      "retry-after": "60",
    });
    expect(textOf(pageFor(visits.html))).toContain("<h1>");
  });

  test("that fails gives way to a built-in one, and each failure is told", () => {
    const failures: unknown[] = [];
    const render = (): string => {
      throw new Error("broken");
    };
    const pageFor = pagesWith({
      formats: [{ mediaTypes: ["text/csv", "application/json"], render }],
      onFailure: (error) => failures.push(error),
    });
    expect(pageFor(visit).headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(pageFor(visits.problem).headers["content-type"]).toBe("application/problem+json");
    expect(failures).toHaveLength(2);
  });
});

test("a template of another format keeps the policy of that", () => {
  const pageFor = createPages({
    statusCode: 503,
    retryAfter: 60,
    onFailure: () => undefined,
    templateFor: (format) => (format === "text" ? () => "Soon" : undefined),
  });
  const { body, headers } = pageFor(visits.text);
  expect(new TextDecoder().decode(body)).toBe("Soon");
  expect(headers).toMatchObject({
    "content-type": "text/plain; charset=utf-8",
    "content-security-policy": "default-src 'none'",
  });
  expect(textOf(pageFor(visits.html))).toContain("<h1>");
});
