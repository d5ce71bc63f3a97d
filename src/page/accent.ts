import { toReadable } from "./contrast.ts";
import type { Theme } from "./theme.ts";

/** The theme with a brand's accent, adjusted to be readable on its papers. */
export function withAccent(theme: Theme, accent: string): Theme {
  const { light, dark } = theme;
  return {
    ...theme,
    light: { ...light, accent: toReadable(accent, light.paper) },
    dark: { ...dark, accent: toReadable(accent, dark.paper) },
  };
}
