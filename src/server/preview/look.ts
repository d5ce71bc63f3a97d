import type { Brand } from "../../core/settings/page-options.ts";
import { systemClock } from "../../core/runtime.ts";
import { isIntermissionError, reasonOf } from "../../core/errors.ts";
import type { Page } from "../../core/ports.ts";
import type { Settings } from "../../core/settings/resolve.ts";
import { loadBrand, loadTemplates, templateVersion } from "../../engine/page/brand.ts";
import { createPageLoader } from "../../engine/page/loader.ts";
import { toSourceHash } from "../../page/source-hash.ts";
import { formats, situations, type Choice } from "./choice.ts";

/** A page, and what its author should know about it. */
export interface Shown {
  readonly page: Page;
  /** Why the template or the brand is missing or changed. */
  readonly problems: readonly string[];
}

/** The chosen page. Its files are read each time, and invalid ones are left out. */
export async function showPage(settings: Settings, choice: Choice): Promise<Shown> {
  const { theme, language } = choice;
  const { pageRequest } = formats[choice.format];
  const { method, cause, notice } = situations[choice.situation];
  const template = attempt(() => {
    loadTemplates(settings.template);
    return settings.template;
  });
  const brand = readBrand(settings);
  const problems = [template, brand].flatMap(({ problem }) => problem ?? []);
  const loader = createPageLoader(
    { ...settings, theme, template: template.value, brand: brand.value },
    systemClock,
    ({ message }) => problems.push(message),
    () => Promise.resolve(),
  );
  try {
    await loader.load();
    return {
      page: loader.pageFor({ ...pageRequest, method, acceptLanguage: language }, cause, notice),
      problems,
    };
  } finally {
    loader.close();
  }
}

/** Changes whenever one of the page's files changes. */
export function lookVersion(settings: Settings): string {
  const { template } = settings;
  const files = typeof template === "string" ? templateVersion(template) : "";
  return toSourceHash(JSON.stringify([files, readBrand(settings)]));
}

interface Attempt<Value> {
  readonly value?: Value;
  readonly problem?: string;
}

function readBrand({ brand }: Settings): Attempt<Brand | undefined> {
  return attempt(() => loadBrand(brand));
}

function attempt<Value>(make: () => Value): Attempt<Value> {
  try {
    return { value: make() };
  } catch (error) {
    return { problem: isIntermissionError(error) ? error.message : reasonOf(error) };
  }
}
