import { IntermissionError, show } from "../errors.ts";
import { toText, type Given } from "./given.ts";
import {
  findInstanceRelease,
  parseReleaseVariable,
  readVariable,
  type Environment,
  type InstanceRelease,
} from "./instance-release.ts";
import { parseLanguage, type Language } from "./languages.ts";
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
import type { PathPattern } from "../path-glob.ts";
import type { Logger, Store } from "../ports.ts";
import type { StatusCode } from "../status-code.ts";
import {
  toBoolean,
  toExempt,
  toFunction,
  toLogger,
  toMaxWindow,
  toMilliseconds,
  toName,
  toRelease,
  toRetryAfter,
  toStatusCode,
  toStore,
} from "./values.ts";

/** The options with every question answered. */
export interface Settings {
  /** Manual mode was set in this instance's options or environment. */
  readonly manual: boolean;
  readonly observe: boolean;
  readonly release: InstanceRelease | undefined;
  /** The variable in which a release is looked for, for messages. */
  readonly releaseVariable: string;
  readonly statusCode: StatusCode;
  readonly store: string | Store;
  readonly app: string;
  /** Seconds. */
  readonly retryAfter: number;
  /** Milliseconds; undefined: no limit. */
  readonly maxWindow: number | undefined;
  readonly exempt: readonly PathPattern[];
  readonly template: PageOptions["template"];
  readonly language: Language;
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

const day = 86_400_000;

const optionNames = {
  mode: true,
  observe: true,
  releaseVariable: true,
  release: true,
  statusCode: true,
  store: true,
  app: true,
  retryAfter: true,
  maxWindow: true,
  exempt: true,
  template: true,
  language: true,
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
    observe: toBoolean(pick(options.observe, "observe", "MAINTENANCE_OBSERVE"), false),
    release:
      options.release === undefined
        ? findInstanceRelease(environment, releaseVariable)
        : toRelease({ value: options.release, name: "the option release" }),
    releaseVariable: releaseVariable ?? defaults.releaseVariable,
    statusCode: toStatusCode(
      pick(options.statusCode, "statusCode", "MAINTENANCE_STATUS_CODE", "DJANGO_MAINTENANCE_STATUS_CODE"),
      defaults.statusCode,
    ),
    store: toStore(pick(options.store, "store", "MAINTENANCE_STORE", "DATABASE_URL"), defaults.store),
    app: toName(pick(options.app, "app", "MAINTENANCE_APP")) ?? defaults.app,
    retryAfter: toRetryAfter(
      pick(options.retryAfter, "retryAfter", "MAINTENANCE_RETRY_AFTER"),
      defaults.retryAfter,
    ),
    maxWindow: toMaxWindow(pick(options.maxWindow, "maxWindow", "MAINTENANCE_MAX_WINDOW")),
    exempt: toExempt(pick(options.exempt, "exempt", "MAINTENANCE_EXEMPT")),
    template: toTemplate(pick(options.template, "template", "MAINTENANCE_TEMPLATE")),
    language: parseLanguage(pick(options.language, "language", "MAINTENANCE_LANGUAGE")),
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
