import { parseDuration } from "./duration.ts";
import { IntermissionError, show } from "./errors.ts";
import { bad, toText, type Given } from "./given.ts";
import {
  findInstanceRelease,
  parseReleaseVariable,
  readVariable,
  type Environment,
  type InstanceRelease,
} from "./instance-release.ts";
import type { IntermissionOptions } from "./options.ts";
import {
  toBrand,
  toFormats,
  toTemplate,
  toTheme,
  type PageFormat,
  type PageOptions,
  type ThemeName,
} from "./page-options.ts";
import { parsePathGlob, type PathPattern } from "./path-glob.ts";
import type { Logger, Store } from "./ports.ts";
import { isRelease, parseRelease } from "./release.ts";

/** The options with every question answered. */
export interface Settings {
  /** Manual mode was set in this instance's options or environment. */
  readonly manual: boolean;
  readonly release: InstanceRelease | undefined;
  /** The variable in which a release is looked for, for messages. */
  readonly releaseVariable: string;
  readonly statusCode: number;
  readonly store: string | Store;
  readonly app: string;
  /** Seconds. */
  readonly retryAfter: number;
  /** Milliseconds; undefined: no limit. */
  readonly maxWindow: number | undefined;
  readonly exempt: readonly PathPattern[];
  readonly template: PageOptions["template"];
  /** `NODE_ENV` is `development`: a template is read again when it has changed. */
  readonly development: boolean;
  readonly theme: ThemeName;
  /** A path: of a file that is read when the intermission is made. */
  readonly brand: PageOptions["brand"];
  readonly formats: readonly PageFormat[];
  /** Milliseconds, like the two that follow. */
  readonly refreshEvery: number;
  readonly freshFor: number;
  readonly readTimeout: number;
  readonly report: boolean;
  /** undefined: by its host and process id. */
  readonly instance: string | undefined;
  readonly mask: IntermissionOptions["mask"];
  readonly skip: ((request: unknown) => boolean) | undefined;
  readonly onMasked: IntermissionOptions["onMasked"];
  readonly onWarning: IntermissionOptions["onWarning"];
  readonly logger: Logger;
}

export const defaults = Object.freeze({
  releaseVariable: "MAINTENANCE_PAGE_RELEASE",
  statusCode: 503,
  store: "sqlite:.intermission/state.db",
  app: "default",
  theme: "default",
  retryAfter: 60,
  refreshEvery: 10_000,
  freshFor: 1000,
  readTimeout: 250,
  report: true,
});

const optionNames = {
  mode: true,
  releaseVariable: true,
  release: true,
  statusCode: true,
  store: true,
  app: true,
  retryAfter: true,
  maxWindow: true,
  exempt: true,
  template: true,
  theme: true,
  brand: true,
  formats: true,
  refreshEvery: true,
  freshFor: true,
  readTimeout: true,
  report: true,
  instance: true,
  mask: true,
  skip: true,
  onMasked: true,
  onWarning: true,
  logger: true,
} satisfies Record<keyof IntermissionOptions, true>;

const truths = new Set(["true", "1", "yes", "on", "y", "t"]);
const falsehoods = new Set(["false", "0", "no", "off", "n", "f"]);
const day = 86_400_000;
const maximumExemptPaths = 64;

/**
 * Options first, then the environment, then the defaults.
 *
 * @throws IntermissionError `unknown-option`, `bad-option`, `bad-release`: what was expected, what was got, what to do.
 */
export function resolveSettings(options: IntermissionOptions, environment: Environment): Settings {
  refuseUnknown(options);
  const pick = (value: unknown, option: string, ...variables: readonly string[]): Given | undefined => {
    if (value !== undefined) return { value, name: `the option ${option}` };
    for (const name of variables) {
      const text = readVariable(environment, name);
      if (text !== undefined) return { value: text, name };
    }
    return undefined;
  };

  const named = pick(
    options.releaseVariable,
    "releaseVariable",
    "MAINTENANCE_ENV_VAR",
    "DJANGO_MAINTENANCE_ENV_VAR",
  );
  const releaseVariable = named && parseReleaseVariable(toText(named));

  return {
    manual: toBoolean(pick(options.mode, "mode", "MAINTENANCE_MODE", "DJANGO_MAINTENANCE_MODE"), false),
    release:
      options.release === undefined
        ? findInstanceRelease(environment, releaseVariable)
        : toRelease({ value: options.release, name: "the option release" }),
    releaseVariable: releaseVariable ?? defaults.releaseVariable,
    statusCode: toStatusCode(
      pick(options.statusCode, "statusCode", "MAINTENANCE_STATUS_CODE", "DJANGO_MAINTENANCE_STATUS_CODE"),
    ),
    store: toStore(pick(options.store, "store", "MAINTENANCE_STORE", "DATABASE_URL")),
    app: toName(pick(options.app, "app", "MAINTENANCE_APP")) ?? defaults.app,
    retryAfter: toRetryAfter(pick(options.retryAfter, "retryAfter", "MAINTENANCE_RETRY_AFTER")),
    maxWindow: toMaxWindow(pick(options.maxWindow, "maxWindow", "MAINTENANCE_MAX_WINDOW")),
    exempt: toExempt(pick(options.exempt, "exempt", "MAINTENANCE_EXEMPT")),
    template: toTemplate(pick(options.template, "template", "MAINTENANCE_TEMPLATE")),
    development: readVariable(environment, "NODE_ENV") === "development",
    theme: toTheme(pick(options.theme, "theme", "MAINTENANCE_THEME")) ?? defaults.theme,
    brand: toBrand(pick(options.brand, "brand", "MAINTENANCE_BRAND")),
    formats: toFormats(pick(options.formats, "formats")),
    refreshEvery: toMilliseconds("refreshEvery", options.refreshEvery, defaults.refreshEvery, 0, day),
    freshFor: toMilliseconds("freshFor", options.freshFor, defaults.freshFor, 0, day),
    readTimeout: toMilliseconds("readTimeout", options.readTimeout, defaults.readTimeout, 1, 60_000),
    report: toBoolean(pick(options.report, "report", "MAINTENANCE_REPORT"), defaults.report),
    instance: toName(pick(options.instance, "instance", "MAINTENANCE_INSTANCE")),
    mask: toFunction("mask", options.mask),
    skip: toFunction("skip", options.skip),
    onMasked: toFunction("onMasked", options.onMasked),
    onWarning: toFunction("onWarning", options.onWarning),
    logger: toLogger(options.logger),
  };
}

function refuseUnknown(options: IntermissionOptions): void {
  if (typeof options !== "object" || (options as unknown) === null) {
    throw new IntermissionError("bad-option", {
      problem: "The options can't be used",
      expected: "an object",
      got: show(options),
    });
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(optionNames, name)) {
      throw new IntermissionError("unknown-option", {
        problem: `There is no option ${show(name)}`,
        expected: `some of ${Object.keys(optionNames).join(", ")}`,
        remedy: "Mend its spelling or leave it out.",
      });
    }
  }
}

function toBoolean(given: Given | undefined, otherwise: boolean): boolean {
  if (given === undefined) return otherwise;
  if (typeof given.value === "boolean") return given.value;
  const word = typeof given.value === "string" ? given.value.trim().toLowerCase() : "";
  if (truths.has(word)) return true;
  if (falsehoods.has(word)) return false;
  throw bad(given, "True/1/yes/on or False/0/no/off", `Leave it out for ${otherwise ? "True" : "False"}.`);
}

function toRelease(given: Given): InstanceRelease {
  return { id: parseRelease(toText(given), given.name), source: given.name };
}

function toStatusCode(given: Given | undefined): number {
  if (given === undefined) return defaults.statusCode;
  const code = toNumber(given);
  if (!Number.isInteger(code) || code < 400 || code > 599) {
    throw bad(given, "a status from 400 to 599", "Leave it out for 503, which is right for nearly everyone.");
  }
  return code;
}

function toStore(given: Given | undefined): string | Store {
  if (given === undefined) return defaults.store;
  if (typeof given.value === "string") return given.value;
  if (hasMethods<Store>(given.value, "read", "write", "close")) return given.value;
  throw bad(given, "a store URL, or a store such as postgresStore({ pool })");
}

function toName(given: Given | undefined): string | undefined {
  if (given === undefined) return undefined;
  const name = toText(given).trim();
  if (!isRelease(name)) throw bad(given, "1 to 127 characters without control characters");
  return name;
}

function toRetryAfter(given: Given | undefined): number {
  if (given === undefined) return defaults.retryAfter;
  const duration = typeof given.value === "string" ? parseDuration(given.value) : undefined;
  const seconds = duration === undefined ? toNumber(given) : Math.ceil(duration / 1000);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > day / 1000) {
    throw bad(given, "whole seconds from 1 to 86400, or a duration such as 90s or 2m");
  }
  return seconds;
}

function toMaxWindow(given: Given | undefined): number | undefined {
  if (given === undefined) return undefined;
  const { value } = given;
  const milliseconds = typeof value === "string" ? parseDuration(value) : value;
  if (typeof milliseconds !== "number" || !(milliseconds >= 1) || milliseconds > 365 * day) {
    throw bad(given, "a duration such as 90s, 30m or 2h, at most 365d", "Leave it out for no limit.");
  }
  return milliseconds;
}

function toExempt(given: Given | undefined): readonly PathPattern[] {
  if (given === undefined) return [];
  const globs: unknown = typeof given.value === "string" ? given.value.split(",") : given.value;
  if (!Array.isArray(globs) || !globs.every((glob) => typeof glob === "string")) {
    throw bad(given, "a list of path globs such as /health");
  }
  const named = globs.filter((glob) => glob.trim() !== "");
  if (named.length > maximumExemptPaths) {
    throw bad(
      { ...given, value: `${String(named.length)} globs` },
      `at most ${String(maximumExemptPaths)} globs`,
    );
  }
  return named.map(parsePathGlob);
}

function toMilliseconds(
  option: string,
  value: unknown,
  otherwise: number,
  minimum: number,
  maximum: number,
): number {
  if (value === undefined) return otherwise;
  if (typeof value === "number" && value >= minimum && value <= maximum) return value;
  throw bad(
    { value, name: `the option ${option}` },
    `milliseconds from ${String(minimum)} to ${String(maximum)}`,
  );
}

function toFunction<F>(option: string, value: F | undefined): F | undefined {
  if (value === undefined || typeof value === "function") return value;
  throw bad({ value, name: `the option ${option}` }, "a function");
}

function toLogger(value: unknown): Logger {
  if (value === undefined) return console;
  if (hasMethods<Logger>(value, "warn", "error")) return value;
  throw bad(
    { value, name: "the option logger" },
    "an object with the methods warn and error, such as console",
  );
}

function hasMethods<Kind extends object>(value: unknown, ...names: readonly (keyof Kind)[]): value is Kind {
  if (typeof value !== "object" || value === null) return false;
  return names.every((name) => typeof (value as Kind)[name] === "function");
}

/** NaN for what is no number, so that each range check refuses it. */
function toNumber({ value }: Given): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\d{1,9}$/.test(value.trim()) ? Number(value) : Number.NaN;
}
