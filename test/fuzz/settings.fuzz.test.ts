import fc, { type Arbitrary } from "fast-check";
import { describe, expect, test } from "vitest";
import {
  findInstanceRelease,
  parseReleaseVariable,
  releaseVariables,
  isRelease,
} from "../../src/core/release.ts";
import { languages } from "../../src/core/settings/page-options.ts";
import type { IntermissionOptions } from "../../src/core/settings/options.ts";
import { resolveSettings, type Settings } from "../../src/core/settings/resolve.ts";
import { settingsTable } from "../../src/core/settings/table.ts";
import { anyValue, expectLinear, fuzz, refusalOf, text } from "./cases.ts";

const variables = [
  ...Object.values(settingsTable).flatMap((row) => [...row.variables]),
  ...releaseVariables,
  "FLY_IMAGE_REF",
  "RENDER_GIT_COMMIT",
  "CONTAINER_VERSION",
  "SCALINGO_APPLICATION_ID",
  "AWS_LAMBDA_FUNCTION_VERSION",
];

/** Meaningful words, so that not every value fails the first check. */
const word = fc.constantFrom(
  "True",
  " off ",
  "Y",
  "v1.0",
  "503",
  "599",
  "400",
  "600",
  "90s",
  "2h",
  "1.5d",
  "/health, /api/**",
  "GIT_COMMIT",
  "HOSTNAME",
  "memory:",
  "$LATEST",
  "page.html",
);

const value = fc.oneof(word, text);

const numbers = fc.oneof(fc.integer(), fc.double(), anyValue);

/** More often valid than random values. */
const likelyValues: Partial<Record<keyof IntermissionOptions, Arbitrary<unknown>>> = {
  statusCode: numbers,
  retryAfter: numbers,
  maxWindow: numbers,
  refreshEvery: numbers,
  freshFor: numbers,
  readTimeout: numbers,
  exempt: fc.oneof(fc.array(value), anyValue),
  brand: fc.oneof(
    fc.dictionary(
      fc.constantFrom("name", "logo", "accent", "support", "statusPage", "title", "message"),
      value,
    ),
    anyValue,
  ),
  formats: fc.oneof(fc.array(fc.record({ mediaTypes: fc.array(value), render: anyValue })), anyValue),
};

const optionNames = Object.keys(settingsTable) as (keyof IntermissionOptions)[];

/** What holds for all settings, wherever they come from. */
function expectSound(settings: Settings): void {
  const { statusCode, retryAfter, maxWindow, refreshEvery, freshFor, readTimeout, release, app, exempt } =
    settings;
  const sound =
    typeof settings.manual === "boolean" &&
    (statusCode === "original" || (Number.isInteger(statusCode) && statusCode >= 400 && statusCode <= 599)) &&
    Number.isInteger(retryAfter) &&
    retryAfter >= 1 &&
    retryAfter <= 86_400 &&
    (maxWindow === undefined || (maxWindow >= 1 && maxWindow <= 365 * 86_400_000)) &&
    [refreshEvery, freshFor, readTimeout].every((time) => time >= 0 && time <= 86_400_000) &&
    (release === undefined || isRelease(release.id)) &&
    isRelease(app) &&
    languages.includes(settings.language) &&
    typeof settings.report === "boolean" &&
    (settings.instance === undefined || isRelease(settings.instance)) &&
    exempt.length <= 64 &&
    typeof settings.logger.warn === "function";
  if (!sound) throw new Error(`settings: ${JSON.stringify(settings)}`);
}

describe("settings", () => {
  test("from any environment are refused with a safe message, or sound", () => {
    let accepted = 0;
    fuzz(fc.dictionary(fc.constantFrom(...variables), value, { maxKeys: 4 }), (environment) => {
      let settings: Settings | undefined;
      refusalOf(() => (settings = resolveSettings({}, environment)));
      if (settings === undefined) return;
      accepted++;
      expectSound(settings);
    });
    expect(accepted).toBeGreaterThan(0);
  });

  test("from any options are refused with a safe message, or sound", () => {
    let accepted = 0;
    // A valid one beside one that may be: otherwise nearly all are refused at once.
    const oneOption = fc
      .constantFrom(...optionNames)
      .chain((name) => (likelyValues[name] ?? anyValue).map((given) => ({ retryAfter: 30, [name]: given })));
    fuzz(oneOption, (options) => {
      let settings: Settings | undefined;
      refusalOf(() => (settings = resolveSettings(options, {})));
      if (settings === undefined) return;
      accepted++;
      expectSound(settings);
    });
    expect(accepted).toBeGreaterThan(0);
  });

  test("that are no options at all are refused, and unknown ones too", () => {
    fuzz(anyValue, (options) => {
      refusalOf(() => {
        expectSound(resolveSettings(options as IntermissionOptions, {}));
      });
    });
    fuzz(text, (name) => {
      if (Object.hasOwn(settingsTable, name)) return;
      expect(refusalOf(() => resolveSettings({ [name]: 1 }, {}))).toBeDefined();
    });
  });

  test("an empty or a blank environment is the defaults", () => {
    fuzz(fc.dictionary(fc.constantFrom(...variables), fc.constantFrom("", " ", "\t\n")), (environment) => {
      expect(resolveSettings({}, environment)).toEqual(resolveSettings({}, {}));
    });
  });

  test("a release is found in any environment, or refused", () => {
    fuzz(fc.tuple(fc.dictionary(value, value), value), ([environment, name]) => {
      refusalOf(() => findInstanceRelease({ ...environment, [name]: name }, parseReleaseVariable(name)));
    });
  });

  test.each(variables)("%s of 1 MiB costs no more than its length", (name) => {
    for (const unit of [" ", "a", "/", "*,", "0", "/**"])
      expectLinear((length) => {
        const environment = { [name]: unit.repeat(length / unit.length) };
        return refusalOf(() => resolveSettings({}, environment));
      }, 1024 * 1024);
  });
});
