// What moves a cursor, breaks a line or turns the direction of writing around.
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/**
 * The text as it may reach a terminal: on one line, with control characters written out as `\u{1b}`. Names of files,
 * messages of servers and records of others may hold anything.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** A JSON document that may reach a terminal. What it means is not changed. */
export function printableJson(document: unknown): string {
  // The line feeds are JSON's own: those in texts are escaped already, like all other C0 controls.
  return JSON.stringify(document, undefined, 2).replace(unprintable, (character) =>
    character === "\n" ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
