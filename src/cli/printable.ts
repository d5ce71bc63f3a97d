// What moves a cursor, breaks a line or turns the direction of writing around.
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/**
 * The text as it may reach a terminal: on one line, with control characters written out as `\u{1b}`. Names of files,
 * messages of servers and records of others may hold anything.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
