import type { Line, Piece } from "./output.ts";

type Cell = Piece | number;

/** Rows under column names. Numbers are right-aligned. */
export function toTable(head: readonly string[], rows: readonly (readonly Cell[])[]): readonly Line[] {
  const titles = head.map((text): Piece => ({ style: "dim", text }));
  return toColumns([titles, ...rows]);
}

/** A name and a value per line. */
export function toPairs(rows: readonly (readonly [name: string, value: Piece])[]): readonly Line[] {
  return toColumns(rows.map(([text, value]) => [{ style: "dim", text }, value]));
}

/** Aligned columns. */
export function toColumns(rows: readonly (readonly Cell[])[]): readonly Line[] {
  const widths: number[] = [];
  const isNumber: boolean[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, textOf(cell).length);
      if (typeof cell === "number") isNumber[column] = true;
    }
  }
  return rows.map((row) =>
    row.flatMap((cell, column): Piece[] => {
      const width = widths[column] ?? 0;
      const text = textOf(cell);
      // The last cell needs no padding.
      const isLast = column === row.length - 1;
      const padded = isNumber[column] === true ? text.padStart(width) : isLast ? text : text.padEnd(width);
      const piece = typeof cell === "object" ? { ...cell, text: padded } : padded;
      return column === 0 ? [piece] : ["  ", piece];
    }),
  );
}

function textOf(cell: Cell): string {
  return typeof cell === "object" ? cell.text : String(cell);
}
