import type { ThemeName } from "../../core/settings/page-options.ts";
import type { Theme } from "../theme.ts";
import { defaultTheme } from "./default/index.ts";
import { illustrationTheme } from "./illustration/index.ts";
import { minimalTheme } from "./minimal/index.ts";
import { terminalTheme } from "./terminal/index.ts";

export const themes: Readonly<Record<ThemeName, Theme>> = {
  default: defaultTheme,
  minimal: minimalTheme,
  terminal: terminalTheme,
  illustration: illustrationTheme,
};
