import type { Notice } from "../../core/state/manual.ts";
import type { Warning } from "../../core/settings/options.ts";
import type { Clock, Page, PageCause, PageRequest } from "../../core/ports.ts";
import type { Settings } from "../../core/settings/resolve.ts";
import { pageStatus } from "../../core/decide.ts";
import {
  accentWarning,
  languagesWarning,
  pageWarning,
  reloadWarning,
  templateWarning,
} from "../../core/warnings.ts";
import { runDetached, findModule } from "../../core/runtime.ts";
import { loadBrand, loadTemplates, templateVersion, type Templates } from "./brand.ts";

type Pages = (pageRequest: PageRequest, cause: PageCause, notice: Notice) => Page;

/** The page, whose code is loaded separately. */
export interface PageLoader {
  readonly loaded: boolean;
  /** Loads the page and every language. Never rejects. */
  load(): Promise<void>;
  /** A line of plain text until it is loaded. Never throws. */
  readonly pageFor: Pages;
  /** Stops what `load` started. */
  close(): void;
}

/**
 * The page's code is as large as all the rest and is not needed before the first error, so it is loaded after
 * the app has started, not during startup.
 *
 * @param before Done first. Must not reject.
 * @throws IntermissionError `bad-option` if the template or the brand is invalid.
 */
export function createPageLoader(
  settings: Settings,
  clock: Clock,
  warn: (warning: Warning) => void,
  before: () => Promise<void>,
): PageLoader {
  const { statusCode, retryAfter, language, theme, formats } = settings;
  const brand = loadBrand(settings.brand);
  const templates = createTemplateSource(settings, clock, (error) => {
    warn(reloadWarning(error));
  });
  const plain: Pages = (pageRequest, cause) => plainPage(settings, cause, pageRequest.failedStatus);
  let pages: Pages | undefined;
  let loading: Promise<void> | undefined;

  async function loadPages(): Promise<void> {
    try {
      const { createPages, loadLanguages } = await import("../../page/index.ts");
      pages = createPages({
        statusCode,
        retryAfter,
        language,
        theme,
        brand,
        formats,
        templateFor: (format) => templates.current()[format],
        onFailure: (error) => {
          warn(templateWarning(error));
        },
        onAccent: (accent, shown) => {
          warn(accentWarning(accent, shown));
        },
      });
      await loadLanguages().catch((error: unknown) => {
        warn(languagesWarning(error));
      });
    } catch (error) {
      warn(pageWarning(error));
      pages = plain;
    }
  }

  return {
    get loaded() {
      return pages !== undefined;
    },
    load() {
      if (loading === undefined) {
        templates.start();
        loading = runDetached(() => before().then(loadPages));
      }
      return loading;
    },
    close: templates.stop,
    pageFor: (pageRequest, cause, notice) => (pages ?? plain)(pageRequest, cause, notice),
  };
}

/** The fallback when even the page's code can't be loaded. */
function plainPage({ statusCode, retryAfter }: Settings, cause: PageCause, failed: number | undefined): Page {
  return {
    status: pageStatus(statusCode, cause, failed),
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      "retry-after": String(retryAfter),
      "x-maintenance": cause,
    },
    body: new TextEncoder().encode("We will be right back. Please try again in a moment.\n"),
  };
}

/** Templates that are read again when they may have changed. */
export interface TemplateSource {
  /** Never throws. */
  current(): Templates;
  /** Starts listening for SIGHUP. */
  start(): void;
  stop(): void;
}

const lookAgainAfter = 1000;

/**
 * Reads the templates now, and again on SIGHUP; in development, also when a page is requested and a file has
 * changed. If a later read fails, the previous templates stay.
 *
 * @throws IntermissionError `bad-option` if the first read fails.
 */
export function createTemplateSource(
  { template: setting, development }: Pick<Settings, "template" | "development">,
  clock: Clock,
  onFailure: (error: unknown) => void,
): TemplateSource {
  let templates = loadTemplates(setting);
  if (typeof setting !== "string") return { current: () => templates, start() {}, stop() {} };
  const path = setting;
  let version = development ? templateVersion(path) : "";
  let lookedAt = clock.now();
  let stopListening: (() => void) | undefined;

  function reload(): void {
    try {
      templates = loadTemplates(path);
    } catch (error) {
      onFailure(error);
    }
  }

  function look(): void {
    const now = clock.now();
    if (now - lookedAt < lookAgainAfter) return;
    lookedAt = now;
    const found = templateVersion(path);
    if (found === version) return;
    version = found;
    reload();
  }

  return {
    current() {
      if (development) look();
      return templates;
    },
    start() {
      stopListening ??= onHangup(reload);
    },
    stop() {
      stopListening?.();
      stopListening = undefined;
    },
  };
}

// One listener for all: Node warns about more than ten.
const reloads = new Set<() => void>();

function reloadAll(): void {
  for (const reload of reloads) reload();
}

/**
 * Calls back on SIGHUP, unless the process has a terminal: there the signal means that the terminal is gone,
 * and a listener would stop the process from ending with it.
 */
export function onHangup(reload: () => void): () => void {
  const { process } = globalThis as { readonly process?: Partial<Pick<NodeJS.Process, "on" | "off">> };
  if (process?.on === undefined || findModule("node:tty")?.isatty(0) !== false) return () => undefined;
  if (reloads.size === 0) process.on("SIGHUP", reloadAll);
  reloads.add(reload);
  return () => {
    reloads.delete(reload);
    if (reloads.size === 0) process.off?.("SIGHUP", reloadAll);
  };
}
