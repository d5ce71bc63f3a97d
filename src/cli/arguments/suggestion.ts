import { redactUrl } from "../../stores/open.ts";
import type { Call, storeOptions } from "./command.ts";

/**
 * A command to copy, for the same store and app as the current one. Leaves out a store URL that contains a
 * password.
 */
export function suggest(
  { options }: Pick<Call<typeof storeOptions>, "options">,
  verb: string,
  id?: string,
): string {
  const words = ["intermission", verb];
  if (options.store !== undefined && redactUrl(options.store) === options.store)
    words.push("--store", options.store);
  if (options.app !== undefined) words.push("--app", options.app);
  if (id?.startsWith("-") === true) words.push("--");
  if (id !== undefined) words.push(id);
  return words.map(quote).join(" ");
}

/** For a POSIX shell. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
