import type { Messages } from "../messages.ts";
import { en } from "./en.ts";

/** Every language that there is, the one for visitors who name none first. */
export const languages: readonly Messages[] = [en];

/** The texts for a visitor. One place to choose them, so that a language is one more file. */
export function chooseMessages(): Messages {
  return en;
}
