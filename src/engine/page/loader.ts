import type { Notice } from "../../core/state/notice.ts";
import type { Warning } from "../../core/settings/options.ts";
import type { Clock, Page, PageCause, Visit } from "../../core/ports.ts";
import type { Settings } from "../../core/settings/resolve.ts";
import { pageStatus } from "../../core/status-code.ts";
import {
  accentWarning,
  languagesWarning,
  pageWarning,
  reloadWarning,
  templateWarning,
} from "../../core/warnings.ts";
import { runDetached } from "../../core/detached.ts";
import { loadBrand } from "./brand.ts";
import { createTemplateSource } from "./reload.ts";

type Pages = (visit: Visit, cause: PageCause, notice: Notice) => Page;

/** The page, whose code is loaded on its own. */
export interface PageLoader {
  readonly loaded: boolean;
  /** With the page in every language. Never rejects. */
  load(): Promise<void>;
  /** Before it is loaded, a line of text. Never throws. */
  readonly pageFor: Pages;
  /** Ends what `load` began. */
  close(): void;
}

/**
 * The page's code is as large as all the rest, and nothing asks for it before the first error: it is loaded when the
 * app has started, not while it does.
 *
 * @param before Done first. Must not reject.
 * @throws IntermissionError `bad-option` when the template or the brand can't be used.
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
  const plain: Pages = (visit, cause) => plainPage(settings, cause, visit.failedStatus);
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
    pageFor: (visit, cause, notice) => (pages ?? plain)(visit, cause, notice),
  };
}

/** What is left to say when the page's code can't even be loaded. */
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
