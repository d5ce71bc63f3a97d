import type { Change, State } from "./state.ts";

/** How many changes are kept, and in how many bytes: every instance reads them. */
export const changesLimit = 100;
export const changesSizeLimit = 3 * 1024;

const longestName = 64;
const longestDeed = 200;

/** Adds a change and drops the oldest if full. */
export function noteChange(state: State, { at, by, what }: Change): State {
  const change = { at, by: shorten(by, longestName), what: shorten(what, longestDeed) };
  const encoder = new TextEncoder();
  const changes = [...(state.changes ?? []), change].slice(-changesLimit);
  let size = 0;
  const tooOld = changes.findLastIndex((known) => {
    size += encoder.encode(JSON.stringify(known)).length + 1;
    return size > changesSizeLimit;
  });
  return { ...state, changes: changes.slice(tooOld + 1) };
}

function shorten(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join("")}…`;
}
