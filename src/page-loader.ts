import type { Notice } from "./core/notice.ts";
import type { Warning } from "./core/options.ts";
import type { Page, PageCause, Visit } from "./core/ports.ts";
import type { Settings } from "./core/settings.ts";
import { languagesWarning, pageWarning, templateWarning } from "./core/warnings.ts";
import { loadTemplate } from "./page-template.ts";

type Pages = (visit: Visit, cause: PageCause, notice: Notice) => Page;

/** The page, whose code is loaded on its own. */
export interface PageLoader {
  readonly loaded: boolean;
  /** With the page in every language. Never rejects. */
  load(): Promise<void>;
  /** Before it is loaded, a line of text. Never throws. */
  readonly pageFor: Pages;
}

/**
 * The page's code is as large as all the rest, and nothing asks for it before the first error: it is loaded when the
 * app has started, not while it does.
 *
 * @param before Done first. Must not reject.
 * @throws IntermissionError `bad-option` when the template can't be used.
 */
export function createPageLoader(
  settings: Settings,
  warn: (warning: Warning) => void,
  before: () => Promise<void>,
): PageLoader {
  const { statusCode, retryAfter, language } = settings;
  const template = loadTemplate(settings.template);
  const plain: Pages = (_visit, cause) => plainPage(settings, cause);
  let pages: Pages | undefined;
  let loading: Promise<void> | undefined;

  async function loadPages(): Promise<void> {
    try {
      const { createPages, loadLanguages } = await import("./page/index.ts");
      pages = createPages({
        statusCode,
        retryAfter,
        language,
        ...(template === undefined ? {} : { template }),
        onFailure: (error) => {
          warn(templateWarning(error));
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
      loading ??= before().then(loadPages);
      return loading;
    },
    pageFor: (visit, cause, notice) => (pages ?? plain)(visit, cause, notice),
  };
}

/** What is left to say when the page's code can't even be loaded. */
function plainPage({ statusCode, retryAfter }: Settings, cause: PageCause): Page {
  return {
    status: statusCode,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      "retry-after": String(retryAfter),
      "x-maintenance": cause,
    },
    body: new TextEncoder().encode("We will be right back. Please try again in a moment.\n"),
  };
}
