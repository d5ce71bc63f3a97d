import type { Messages } from "../messages.ts";
import { en } from "./en.ts";

/** The texts for a visitor. One place to choose them, so that a language is one more file. */
export function chooseMessages(): Messages {
  return en;
}
