import { createPages, type PageSettings } from "../../src/page/index.ts";
import type { PageView } from "../../src/core/settings/page-options.ts";
import type { Page } from "../../src/core/ports.ts";

interface Settings extends Partial<PageSettings> {
  /** For the HTML page. */
  readonly template?: (view: PageView) => string;
}

/** The pages of an app with only these settings. */
export function pagesWith({ template, ...settings }: Settings = {}): ReturnType<typeof createPages> {
  const onFailure = (error: unknown): void => {
    throw error;
  };
  return createPages({
    statusCode: 503,
    retryAfter: 60,
    onFailure,
    templateFor: (format) => (format === "html" ? template : undefined),
    ...settings,
  });
}

export function textOf(page: Page): string {
  return new TextDecoder().decode(page.body);
}

export const visits = {
  html: { method: "GET", accept: "text/html" },
  problem: { method: "GET", accept: "application/json" },
  text: { method: "GET", accept: "text/plain" },
  empty: { method: "GET", fetchDestination: "image" },
};
