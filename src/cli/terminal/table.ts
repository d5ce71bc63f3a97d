import type { Line, Piece } from "./output.ts";

/** Columns under their names, as wide as they need to be. Cells that are numbers stand to the right. */
export function toTable(
  head: readonly string[],
  rows: readonly (readonly (Piece | number)[])[],
): readonly Line[] {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => textOf(row[column] ?? "").length)),
  );
  const pad = (cell: Piece | number, column: number): Piece => {
    const width = widths[column] ?? 0;
    if (typeof cell === "number") return String(cell).padStart(width);
    // What ends a line needs no room after it.
    const text = column === head.length - 1 ? textOf(cell) : textOf(cell).padEnd(width);
    return typeof cell === "string" ? text : { ...cell, text };
  };
  const toLine = (cells: readonly (Piece | number)[]): Line =>
    cells.flatMap((cell, column) => (column === 0 ? [pad(cell, column)] : ["  ", pad(cell, column)]));
  const isNumber = head.map((_, column) => typeof rows[0]?.[column] === "number");
  const titles = head.map((name, column): Piece => {
    const text = isNumber[column] === true ? name.padStart(widths[column] ?? 0) : name;
    return { style: "dim", text };
  });
  return [toLine(titles), ...rows.map(toLine)];
}

function textOf(cell: Piece | number): string {
  return typeof cell === "object" ? cell.text : String(cell);
}
