import { markup, type Markup } from "../../page/template.ts";
import { stepLength, type Step } from "../../reports/steps.ts";

/** Something that happened at a moment. */
export interface Mark {
  readonly at: number;
  readonly label: string;
}

/** Errors over time, and what happened meanwhile. Times are the store's, in milliseconds since 1970. */
export interface ChartOptions {
  readonly from: number;
  readonly to: number;
  readonly hidden: readonly Step[];
  readonly regular: readonly Step[];
  readonly marks: readonly Mark[];
  /** Words for a moment, such as `3 min`. */
  readonly tell: (at: number) => string;
  /** Names the details, so that they stay open. */
  readonly key: string;
}

const mostColumns = 60;
const mostMarks = 6;
const longestLabel = 16;
/** Of the curves, in the drawing's own units. */
const height = 100;
/** Rows of labels above the curves. Pixels. */
const row = 15;

interface Column {
  readonly at: number;
  readonly hidden: number;
  readonly regular: number;
}

/** A drawing, and the same as a table. It does not depend on when it is made. */
export function toChart(options: ChartOptions): Markup {
  const { from, to, marks, tell, key } = options;
  const { columns, span } = toColumns(options);
  const most = Math.max(1, ...columns.map(({ hidden, regular }) => Math.max(hidden, regular)));
  const sum = (name: "hidden" | "regular"): number =>
    columns.reduce((total, column) => total + column[name], 0);
  const [hidden, regular] = [sum("hidden"), sum("regular")];
  const shown = marks.filter(({ at }) => at >= from && at <= to).slice(-mostMarks);
  const words = `${numberOf(hidden)} hidden and ${numberOf(regular)} real errors, from ${tell(from)} to ${tell(to)}${
    shown.length === 0 ? "" : `; ${shown.map(({ at, label }) => `${label}: ${tell(at)}`).join(", ")}`
  }`;
  const rows = columns.filter((column) => column.hidden + column.regular > 0);
  const top = Math.min(3, Math.max(1, shown.length)) * row;
  const bottom = height - 0.5;
  return markup`<p class="legend"><span><span class="key hidden"></span>${numberOf(hidden)} hidden</span> <span><span class="key regular"></span>${numberOf(regular)} real, seen by visitors</span></p>
<svg class="chart" role="img" aria-label="${words}">
<svg y="${top}" width="100%" height="${height}" viewBox="0 0 ${columns.length} ${height}" preserveAspectRatio="none"><path class="base" d="M0 ${bottom}H${columns.length}"/>${
    hidden === 0 ? undefined : markup`<path class="hidden" d="${areaOf((column) => column.hidden)}"/>`
  }${regular === 0 ? undefined : markup`<path class="regular" d="${lineOf()}"/>`}</svg>
${shown.map(toMark)}
<text x="0" y="158">${tell(from)}</text><text x="100%" y="158" text-anchor="end">${tell(to)}</text><text x="50%" y="158" text-anchor="middle">at most ${numberOf(most)} in ${spanOf(span)}</text>
</svg>
<details data-key="${key}"><summary data-key="${key} table">As a table</summary>${
    rows.length === 0
      ? markup`<p class="quiet">No error.</p>`
      : markup`<div class="scroll" data-key="${key} rows" tabindex="0" role="group" aria-label="Errors over time"><table><thead><tr><th>From</th><th class="number">Hidden</th><th class="number">Real</th></tr></thead><tbody>${rows.map(
          (column) =>
            markup`<tr><td>${tell(column.at)}</td><td class="number">${numberOf(column.hidden)}</td><td class="number">${numberOf(column.regular)}</td></tr>`,
        )}</tbody></table></div>`
  }</details>`;

  function toMark({ at, label }: Mark, index: number): Markup {
    const share = ((at - from) / (to - from)) * 100;
    const x = `${share.toFixed(1)}%`;
    const characters = Array.from(label);
    const short =
      characters.length > longestLabel ? `${characters.slice(0, longestLabel - 1).join("")}…` : label;
    return markup`<line x1="${x}" x2="${x}" y1="${(index % 3) * row}" y2="145"/><text x="${x}" dx="${share > 70 ? -4 : 4}" y="${(index % 3) * row + 11}"${share > 70 ? markup` text-anchor="end"` : undefined}>${short}</text>`;
  }

  function areaOf(count: (column: Column) => number): string {
    const steps = columns.map((column, index) => `V${heightOf(count(column))}H${String(index + 1)}`);
    return `M0 ${String(height)}${steps.join("")}V${String(height)}Z`;
  }

  function lineOf(): string {
    const [first] = columns;
    return `M0 ${heightOf(first?.regular ?? 0)}${columns.map((column, index) => `V${heightOf(column.regular)}H${String(index + 1)}`).join("")}`;
  }

  function heightOf(count: number): string {
    return (height - (count / most) * (height - 2) - 1).toFixed(1).replace(/\.0$/, "");
  }
}

function toColumns({ from, to, hidden, regular }: ChartOptions): {
  readonly columns: readonly Column[];
  readonly span: number;
} {
  const span = Math.max(1, Math.ceil((to - from) / mostColumns / stepLength)) * stepLength;
  const columns = Array.from({ length: Math.max(1, Math.ceil((to - from) / span)) }, (_, index) => ({
    ...{ at: from + index * span, hidden: 0, regular: 0 },
  }));
  const add = (steps: readonly Step[], name: "hidden" | "regular"): void => {
    for (const { at, count } of steps) {
      // By its end, so that no error is drawn before the deploy that caused it.
      const column = columns[Math.floor((at + stepLength - 1 - from) / span)];
      if (column !== undefined) column[name] += count;
    }
  };
  add(hidden, "hidden");
  add(regular, "regular");
  return { columns, span };
}

function spanOf(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  return seconds === 60
    ? "a minute"
    : seconds < 120
      ? `${String(seconds)} s`
      : `${String(Math.round(seconds / 60))} min`;
}

function numberOf(count: number): string {
  return count.toLocaleString("en");
}
