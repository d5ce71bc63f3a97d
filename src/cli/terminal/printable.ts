// Characters that move the cursor, break a line or reverse the text direction.
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/**
 * The text made safe for a terminal: on one line, with control characters as `\u{1b}`. File names, servers'
 * messages and other people's records may contain anything.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A JSON document made safe for a terminal, without changing its meaning. */
export function printableJson(document: unknown): string {
  // The line feeds are JSON's own: in strings they are already escaped, like all other C0 controls.
  return JSON.stringify(document, undefined, 2).replace(unprintable, (character) =>
    character === "\n" ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
