import type { Given } from "../errors.ts";
import {
  parseReleaseVariable,
  releaseFileVariables,
  releaseVariables,
  type InstanceRelease,
} from "../release.ts";
import { defaultLanguage, toLanguage, type PageOptions, type ThemeName } from "./page-options.ts";
import type { IntermissionOptions } from "./options.ts";
import type { Logger, Store } from "../ports.ts";
import type { StatusCode } from "../decide.ts";
import {
  day,
  milliseconds,
  toBoolean,
  toBrand,
  toExempt,
  toFormats,
  toFunction,
  toHeaderNames,
  toLogger,
  toMaxWindow,
  toName,
  toRelease,
  toRetryAfter,
  toStatusCode,
  toStore,
  toTemplate,
  toText,
  toTheme,
  toWarnAfter,
  toWebhooks,
  toWebhookSecrets,
  type Webhook,
} from "./values.ts";

/** An option: what sets it, its default, its valid values, and its line in the documents. */
export interface Setting<Value> {
  /** Environment variables that set it. The first one set wins. */
  readonly variables: readonly string[];
  readonly fallback: Value;
  readonly unit?: "s" | "ms";
  /** The default in words, if its value does not say it. */
  readonly otherwise?: string;
  /** @throws IntermissionError `bad-option`, `bad-release` */
  readonly parse: (given: Given) => Value;
  /** One sentence of Markdown. */
  readonly summary: string;
}

const setting = <Value>(row: Setting<Value>): Setting<Value> => row;

/** Every option, in the order the documents list them. */
export const settingsTable = {
  mode: setting({
    variables: ["MAINTENANCE_MODE", "DJANGO_MAINTENANCE_MODE"],
    fallback: false,
    parse: toBoolean,
    summary: "Manual mode of this instance: every server error becomes the page",
  }),
  observe: setting({
    variables: ["MAINTENANCE_OBSERVE"],
    fallback: false,
    parse: toBoolean,
    summary: "Replaces nothing; counts and reports what it would have replaced",
  }),
  releaseVariable: setting<string | undefined>({
    variables: ["MAINTENANCE_ENV_VAR", "DJANGO_MAINTENANCE_ENV_VAR"],
    fallback: undefined,
    otherwise: releaseVariables.map((name) => `\`${name}\``).join(", then "),
    parse: (given) => parseReleaseVariable(toText(given)),
    summary: "The environment variable that holds this instance's release",
  }),
  release: setting<InstanceRelease | undefined>({
    variables: [],
    fallback: undefined,
    otherwise: "the release variable, then what the platform says",
    parse: toRelease,
    summary: "This instance's release",
  }),
  releaseFile: setting<string | undefined>({
    variables: releaseFileVariables,
    fallback: undefined,
    otherwise: "no file",
    parse: (given) => toText(given).trim(),
    summary: "A file whose first line is this instance's release",
  }),
  statusCode: setting<StatusCode>({
    variables: ["MAINTENANCE_STATUS_CODE", "DJANGO_MAINTENANCE_STATUS_CODE"],
    fallback: 503,
    parse: toStatusCode,
    summary: "The status of the page; `original`: the one that the app sent",
  }),
  store: setting<string | Store>({
    variables: ["MAINTENANCE_STORE", "DATABASE_URL"],
    fallback: "sqlite:.intermission/state.db",
    parse: toStore,
    summary: "Where releases are recorded: a [store URL](stores.md), or a store made in code",
  }),
  app: setting({
    variables: ["MAINTENANCE_APP"],
    fallback: "default",
    parse: toName,
    summary: "Which record of the store, where several apps share one",
  }),
  retryAfter: setting({
    variables: ["MAINTENANCE_RETRY_AFTER"],
    fallback: 60,
    unit: "s",
    parse: toRetryAfter,
    summary: "When visitors should come back",
  }),
  /** Milliseconds. */
  maxWindow: setting<number | undefined>({
    variables: ["MAINTENANCE_MAX_WINDOW"],
    fallback: undefined,
    otherwise: "no limit",
    parse: toMaxWindow,
    summary: "How long after a release was recorded a mismatch still masks errors",
  }),
  /** Milliseconds. undefined: never. */
  warnAfter: setting<number | undefined>({
    variables: ["MAINTENANCE_WARN_AFTER"],
    fallback: 30 * 60_000,
    otherwise: "30 minutes",
    parse: toWarnAfter,
    summary: "How long a mismatch may last before it is warned about; `off`: for ever",
  }),
  exempt: setting({
    variables: ["MAINTENANCE_EXEMPT"],
    fallback: [],
    otherwise: "no paths",
    parse: toExempt,
    summary: "Paths that never get the page",
  }),
  /** In lower case. */
  keepHeaders: setting<ReadonlySet<string>>({
    variables: ["MAINTENANCE_KEEP_HEADERS"],
    fallback: new Set(),
    otherwise: "no others",
    parse: toHeaderNames,
    summary: "More headers of the failed answer that the page keeps",
  }),
  template: setting<PageOptions["template"]>({
    variables: ["MAINTENANCE_TEMPLATE"],
    fallback: undefined,
    otherwise: "the built-in page",
    parse: toTemplate,
    summary: "A page of your own",
  }),
  theme: setting<ThemeName>({
    variables: ["MAINTENANCE_THEME"],
    fallback: "default",
    parse: toTheme,
    summary: "How the built-in page looks",
  }),
  brand: setting<PageOptions["brand"]>({
    variables: ["MAINTENANCE_BRAND"],
    fallback: undefined,
    otherwise: "no brand",
    parse: toBrand,
    summary: "Name, logo, colour, links and words of your own",
  }),
  formats: setting({
    variables: [],
    fallback: [],
    otherwise: "the built-in formats",
    parse: toFormats,
    summary: "More ways to send the page",
  }),
  language: setting({
    variables: ["MAINTENANCE_LANGUAGE"],
    fallback: defaultLanguage,
    parse: toLanguage,
    summary: "The language for visitors whose own the page does not have",
  }),
  /** Milliseconds; so are the next two. */
  refreshEvery: setting({
    variables: [],
    fallback: 10_000,
    unit: "ms",
    parse: milliseconds(0, day),
    summary: "How often the store is read in the background; 0: never",
  }),
  freshFor: setting({
    variables: [],
    fallback: 1000,
    unit: "ms",
    parse: milliseconds(0, day),
    summary: "How long what was read may decide that an error is regular",
  }),
  readTimeout: setting({
    variables: [],
    fallback: 250,
    unit: "ms",
    parse: milliseconds(1, 60_000),
    summary: "How long an error may wait for the store",
  }),
  report: setting({
    variables: ["MAINTENANCE_REPORT"],
    fallback: true,
    parse: toBoolean,
    summary: "Whether this instance reports itself to the store",
  }),
  reportRoutes: setting({
    variables: ["MAINTENANCE_REPORT_ROUTES"],
    fallback: true,
    parse: toBoolean,
    summary: "Whether its reports name the routes of masked errors",
  }),
  instance: setting<string | undefined>({
    variables: ["MAINTENANCE_INSTANCE"],
    fallback: undefined,
    otherwise: "its host and process id",
    parse: toName,
    summary: "This instance's name in its reports",
  }),
  webhook: setting<readonly Webhook[]>({
    variables: ["MAINTENANCE_WEBHOOK"],
    fallback: [],
    otherwise: "nobody",
    parse: toWebhooks,
    summary: "Who is [told](webhooks.md) of deploys, hidden errors and manual mode",
  }),
  webhookSecret: setting<readonly string[]>({
    variables: ["MAINTENANCE_WEBHOOK_SECRET"],
    fallback: [],
    otherwise: "no secret",
    parse: toWebhookSecrets,
    summary: "Signs what webhooks are told",
  }),
  mask: setting<IntermissionOptions["mask"]>({
    variables: [],
    fallback: undefined,
    otherwise: "all errors",
    parse: toFunction,
    summary: "Which errors a deploy masks",
  }),
  skip: setting<IntermissionOptions["skip"]>({
    variables: [],
    fallback: undefined,
    otherwise: "no request",
    parse: toFunction,
    summary: "Which requests keep their errors and may enter a closed site",
  }),
  onMasked: setting<IntermissionOptions["onMasked"]>({
    variables: [],
    fallback: undefined,
    otherwise: "no callback",
    parse: toFunction,
    summary: "Called for each error that a visitor did not see",
  }),
  onWarning: setting<IntermissionOptions["onWarning"]>({
    variables: [],
    fallback: undefined,
    otherwise: "no callback",
    parse: toFunction,
    summary: "Called for each warning, beside the logger",
  }),
  logger: setting<Logger>({
    variables: [],
    fallback: console,
    otherwise: "`console`",
    parse: toLogger,
    summary: "Where warnings and errors are written",
  }),
} as const satisfies Record<keyof IntermissionOptions, Setting<unknown>>;

/** The default as people read it. Markdown. */
export function describeDefault({ fallback, otherwise, unit }: Setting<unknown>): string {
  if (otherwise !== undefined) return otherwise;
  if (typeof fallback === "boolean") return fallback ? "`True`" : "`False`";
  return unit === undefined ? `\`${String(fallback)}\`` : `\`${String(fallback)}\` ${unit}`;
}
