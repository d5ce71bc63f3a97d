import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isIntermissionError } from "../errors.ts";
import type { IntermissionOptions } from "./options.ts";
import { releaseVariables } from "../release.ts";
import { resolveSettings } from "./resolve.ts";
import { settingsTable } from "./table.ts";

const resolve = (
  environment: Readonly<Record<string, string>> = {},
  options: IntermissionOptions = {},
): ReturnType<typeof resolveSettings> => resolveSettings(options, environment);

const refusal = (environment: Readonly<Record<string, string>>, options: IntermissionOptions = {}): Error => {
  try {
    resolve(environment, options);
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was refused");
};

test("without anything set, the defaults hold", () => {
  const { mode, ...others } = settingsTable;
  const fallbacks = Object.fromEntries(Object.entries(others).map(([name, row]) => [name, row.fallback]));
  expect(resolve()).toEqual({
    ...fallbacks,
    manual: mode.fallback,
    releaseVariable: "MAINTENANCE_PAGE_RELEASE",
    development: false,
  });
  expect(resolve()).toMatchObject({
    statusCode: 503,
    store: "sqlite:.intermission/state.db",
    retryAfter: 60,
  });
});

describe.each(["MAINTENANCE_MODE", "DJANGO_MAINTENANCE_MODE"])("%s", (name) => {
  test.each(["True", "true", "1", "yes", "on", "y", "t", "ON", " Yes "])(
    "%j switches manual mode on",
    (value) => {
      expect(resolve({ [name]: value }).manual).toBe(true);
    },
  );
  test.each(["False", "false", "0", "no", "off", "n", "f", "OFF", "", "  "])("%j leaves it off", (value) => {
    expect(resolve({ [name]: value }).manual).toBe(false);
  });
  test.each(["maybe", "2", "tru"])("%j is refused, by its own name", (value) => {
    expect(refusal({ [name]: value }).message).toContain(name);
  });
});

describe.each(["MAINTENANCE_STATUS_CODE", "DJANGO_MAINTENANCE_STATUS_CODE"])("%s", (name) => {
  test.each(["400", "502", "599"])("takes %s", (value) => {
    expect(resolve({ [name]: value }).statusCode).toBe(Number(value));
  });
  test("takes original", () => {
    expect(resolve({ [name]: " Original " }).statusCode).toBe("original");
  });
  test.each(["200", "399", "600", "abc", "50.5", "-503", "1e3"])("refuses %s", (value) => {
    expect(refusal({ [name]: value }).message).toContain("a status from 400 to 599");
  });
});

describe("the release", () => {
  test.each([
    [{ MAINTENANCE_PAGE_RELEASE: " v1.0 " }, "v1.0", "MAINTENANCE_PAGE_RELEASE"],
    [{ DJANGO_MAINTENANCE_PAGE_RELEASE: "v1.0" }, "v1.0", "DJANGO_MAINTENANCE_PAGE_RELEASE"],
    [
      { MAINTENANCE_PAGE_RELEASE: "a", DJANGO_MAINTENANCE_PAGE_RELEASE: "b" },
      "a",
      "MAINTENANCE_PAGE_RELEASE",
    ],
    [
      { MAINTENANCE_PAGE_RELEASE: "", DJANGO_MAINTENANCE_PAGE_RELEASE: "b" },
      "b",
      "DJANGO_MAINTENANCE_PAGE_RELEASE",
    ],
    [{ MAINTENANCE_ENV_VAR: "GIT", GIT: "abc", MAINTENANCE_PAGE_RELEASE: "v" }, "abc", "GIT"],
    [{ DJANGO_MAINTENANCE_ENV_VAR: "GIT", GIT: "abc" }, "abc", "GIT"],
    [{ FLY_IMAGE_REF: "registry/app:1", MAINTENANCE_PAGE_RELEASE: "v1" }, "v1", "MAINTENANCE_PAGE_RELEASE"],
    [{ FLY_IMAGE_REF: "registry/app:1" }, "registry/app:1", "FLY_IMAGE_REF"],
    [{ SOURCE_COMMIT: "HEAD", K_REVISION: "app-7" }, "app-7", "K_REVISION"],
    [{ CONTAINER_VERSION: "abc", SCALINGO_APPLICATION_ID: "x" }, "abc", "CONTAINER_VERSION"],
  ])("of %j is %s, from %s", (environment, id, source) => {
    expect(resolve(environment as Record<string, string>).release).toEqual({ id, source });
  });

  test.each([
    [{}],
    [{ MAINTENANCE_PAGE_RELEASE: "  " }],
    [{ MAINTENANCE_ENV_VAR: "GIT", MAINTENANCE_PAGE_RELEASE: "v1" }],
    [{ SOURCE_COMMIT: "unknown" }],
    [{ AWS_LAMBDA_FUNCTION_VERSION: "$LATEST" }],
    [{ CONTAINER_VERSION: "abc" }],
    [{ HOSTNAME: "web-1", DYNO: "web.1" }],
    [{ MAINTENANCE_ENV_VAR: "valueOf" }],
  ])("of %j is unknown", (environment) => {
    expect(resolve(environment as Record<string, string>).release).toBeUndefined();
  });

  test("of an option comes before the environment", () => {
    expect(resolve({ MAINTENANCE_PAGE_RELEASE: "v1" }, { release: " v2 " }).release?.id).toBe("v2");
  });

  test.each(["x".repeat(128), "a\u0007b"])("that was set but can't be used is refused: %j", (value) => {
    const error = refusal({ MAINTENANCE_PAGE_RELEASE: value });
    expect(error).toMatchObject({ code: "bad-release" });
    expect(error.message).toContain("MAINTENANCE_PAGE_RELEASE");
  });

  test.each(["FLY_MACHINE_ID", "HOSTNAME", "RENDER_INSTANCE_ID"])("is never looked for in %s", (name) => {
    expect(refusal({ MAINTENANCE_ENV_VAR: name }).message).toContain("differs on each instance");
  });
});

test("the language is that of the option, else of the environment, else English", () => {
  expect(resolve({ MAINTENANCE_LANGUAGE: "de" }, { language: "pt-BR" }).language).toBe("pt-BR");
  expect(resolve({ MAINTENANCE_LANGUAGE: "PT-br" }).language).toBe("pt-BR");
  expect(resolve({ MAINTENANCE_LANGUAGE: " " }).language).toBe("en");
  expect(refusal({ MAINTENANCE_LANGUAGE: "klingon" }).message).toContain("MAINTENANCE_LANGUAGE");
});

describe("times", () => {
  test.each([
    ["60", 60],
    ["90s", 90],
    ["2m", 120],
    ["500ms", 1],
  ])("MAINTENANCE_RETRY_AFTER=%s is %i seconds", (value, seconds) => {
    expect(resolve({ MAINTENANCE_RETRY_AFTER: value }).retryAfter).toBe(seconds);
  });
  test.each(["0", "-1", "soon", "2d", "86401"])("MAINTENANCE_RETRY_AFTER=%s is refused", (value) => {
    expect(refusal({ MAINTENANCE_RETRY_AFTER: value })).toMatchObject({ code: "bad-option" });
  });
  test.each([
    ["90s", 90_000],
    ["30m", 1_800_000],
    ["2h", 7_200_000],
  ])("MAINTENANCE_MAX_WINDOW=%s is %i milliseconds", (value, milliseconds) => {
    expect(resolve({ MAINTENANCE_MAX_WINDOW: value }).maxWindow).toBe(milliseconds);
  });
  test.each(["30", "0s", "366d", "half an hour"])("MAINTENANCE_MAX_WINDOW=%s is refused", (value) => {
    expect(refusal({ MAINTENANCE_MAX_WINDOW: value })).toMatchObject({ code: "bad-option" });
  });
  test.each([
    ["45m", 2_700_000],
    ["", 1_800_000],
    ["0", undefined],
    ["0s", undefined],
    [" Off ", undefined],
  ])("MAINTENANCE_WARN_AFTER=%s is %s milliseconds", (value, milliseconds) => {
    expect(resolve({ MAINTENANCE_WARN_AFTER: value }).warnAfter).toBe(milliseconds);
  });
  test("warnAfter takes 0 in code, too", () => {
    expect(resolve({}, { warnAfter: 0 }).warnAfter).toBeUndefined();
    expect(resolve({}, { warnAfter: 5000 }).warnAfter).toBe(5000);
  });
  test.each(["30", "-1m", "366d", "never"])("MAINTENANCE_WARN_AFTER=%s is refused", (value) => {
    expect(refusal({ MAINTENANCE_WARN_AFTER: value })).toMatchObject({ code: "bad-option" });
  });
  test("options in milliseconds have a range", () => {
    expect(resolve({}, { refreshEvery: 0, freshFor: 5, readTimeout: 1 })).toMatchObject({
      refreshEvery: 0,
      freshFor: 5,
    });
    expect(refusal({}, { readTimeout: 0 }).message).toContain("the option readTimeout");
    expect(refusal({}, { refreshEvery: Number.NaN }).message).toContain("the option refreshEvery");
  });
});

describe("reports", () => {
  test.each([
    [{}, {}, true],
    [{ MAINTENANCE_REPORT: "no" }, {}, false],
    [{ MAINTENANCE_REPORT: "no" }, { report: true }, true],
    [{}, { report: "False" }, false],
  ])("with %j and %j: %j", (environment, options, report) => {
    expect(resolve(environment, options).report).toBe(report);
  });
  test("a word that is neither true nor false is refused", () => {
    expect(refusal({ MAINTENANCE_REPORT: "sometimes" }).message).toContain("MAINTENANCE_REPORT");
  });
  test("an instance's name comes from the option, else the variable, and is none by default", () => {
    expect(resolve({}).instance).toBeUndefined();
    expect(resolve({ MAINTENANCE_INSTANCE: " web-1 " }).instance).toBe("web-1");
    expect(resolve({ MAINTENANCE_INSTANCE: "web-1" }, { instance: "web-2" }).instance).toBe("web-2");
    expect(refusal({ MAINTENANCE_INSTANCE: "x".repeat(128) }).message).toContain("MAINTENANCE_INSTANCE");
  });
});

describe("the rest", () => {
  test.each([
    "file:./dev.db",
    "mongodb+srv://u:p@a.example/b",
    "sqlserver://localhost",
    "sqlite:app.db",
    "https://a.example",
  ])("DATABASE_URL %s is the app's alone", (url) => {
    expect(resolve({ DATABASE_URL: url }).store).toBe("sqlite:.intermission/state.db");
  });

  test("an empty variable counts as unset, and the next one is asked", () => {
    expect(resolve({ MAINTENANCE_STORE: " ", DATABASE_URL: "postgres://db/app" }).store).toBe(
      "postgres://db/app",
    );
    expect(resolve({ MAINTENANCE_STORE: "memory:", DATABASE_URL: "postgres://db/app" }).store).toBe(
      "memory:",
    );
  });

  test("exempt paths come from a list or a text with commas", () => {
    const matches = (settings: ReturnType<typeof resolve>, path: string): boolean =>
      settings.exempt.some((pattern) => pattern.test(path));
    for (const settings of [
      resolve({ MAINTENANCE_EXEMPT: "/health, /internal/**," }),
      resolve({}, { exempt: ["/health", "/internal/**"] }),
    ]) {
      expect(matches(settings, "/health")).toBe(true);
      expect(matches(settings, "/healthy")).toBe(false);
      expect(matches(settings, "/internal/a/b")).toBe(true);
      expect(matches(settings, "/")).toBe(false);
    }
  });

  test("an unknown option is named, with those that exist", () => {
    const error = refusal({}, { relase: "v1" } as IntermissionOptions);
    expect(error).toMatchObject({ code: "unknown-option" });
    expect(error.message).toContain('"relase"');
    expect(error.message).toContain("release");
  });

  test.each([
    [{ store: 5 }],
    [{ store: {} }],
    [{ app: "" }],
    [{ app: "a\nb" }],
    [{ exempt: [5] }],
    [{ exempt: ["health"] }],
    [{ template: 7 }],
    [{ language: "tlh" }],
    [{ skip: "yes" }],
    [{ logger: {} }],
    [{ mode: 1 }],
  ])("%j is refused with what was expected", (options) => {
    const error = refusal({}, options as unknown as IntermissionOptions);
    expect(error.message).toMatch(/expected .+\bgot\b.+\. \S/);
  });

  test("nothing in the environment makes it fail in any other way than by design", () => {
    const names = [
      ...Object.values(settingsTable).flatMap(({ variables }) => [...variables]),
      ...releaseVariables,
      "FLY_IMAGE_REF",
    ];
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...names), fc.string({ unit: "binary", maxLength: 400 })),
        (environment) => {
          try {
            resolve(environment);
          } catch (error) {
            expect(isIntermissionError(error)).toBe(true);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe("keepHeaders", () => {
  test("comes from a list or a text with commas", () => {
    expect([...resolve({}, { keepHeaders: ["X-Tenant"] }).keepHeaders]).toEqual(["x-tenant"]);
    expect([...resolve({ MAINTENANCE_KEEP_HEADERS: " X-Tenant, x-shard ,," }).keepHeaders]).toEqual([
      "x-tenant",
      "x-shard",
    ]);
  });
  test.each([
    "X Tenant",
    "Content-Type",
    "cache-control",
    "x:",
    Array.from({ length: 33 }, (_, index) => `x-${String(index)}`).join(),
  ])("refuses %s", (text) => {
    expect(refusal({ MAINTENANCE_KEEP_HEADERS: text }).message).toMatch(/expected|Expected/);
  });
});
