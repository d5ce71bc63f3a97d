/** Lines to replace, or to insert before. */
export interface Change {
  /** Index of the first line, from 0. */
  readonly at: number;
  readonly remove: number;
  readonly add: readonly string[];
}

export interface Edit {
  readonly file: string;
  /** The file does not exist yet. */
  readonly isNew: boolean;
  readonly text: string;
  /** Unified, without its header. */
  readonly diff: readonly string[];
}

/**
 * Lines at the end of a file.
 *
 * @param text Undefined: the file is new.
 */
export function append(file: string, text: string | undefined, lines: readonly string[]): Edit {
  if (text === undefined || text === "") return toEdit(file, text, [{ at: 0, remove: 0, add: lines }]);
  const all = text.split(/\r?\n/);
  const ended = all.at(-1) === "";
  return toEdit(file, text, [{ at: ended ? all.length - 1 : all.length, remove: 0, add: lines }]);
}

export function toEdit(file: string, text: string | undefined, changes: readonly Change[]): Edit {
  const end = text?.includes("\r\n") === true ? "\r\n" : "\n";
  const before = text === undefined || text === "" ? [""] : text.split(/\r?\n/);
  const after: string[] = [];
  const diff: string[] = [];
  let read = 0;
  for (const { at, remove, add } of changes) {
    after.push(...before.slice(read, at));
    const from = Math.max(0, at - 2);
    diff.push(
      `@@ line ${String(at + 1)} @@`,
      ...before.slice(from, at).map((line) => ` ${line}`),
      ...before.slice(at, at + remove).map((line) => `-${line}`),
      ...add.map((line) => `+${line}`),
    );
    after.push(...add);
    read = at + remove;
  }
  after.push(...before.slice(read));
  return { file, isNew: text === undefined, text: after.join(end), diff };
}
