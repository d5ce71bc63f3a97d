import { styleText } from "node:util";
import type { Environment } from "../../core/release.ts";
import { printable, printableJson } from "./printable.ts";
import { wrap } from "./wrap.ts";

export type Style = "bold" | "dim" | "green" | "yellow" | "red";

/** Part of a line. Its control characters never reach the terminal. */
export type Piece = string | { readonly style: Style; readonly text: string };

/** A line without its line break. */
export type Line = Piece | readonly Piece[];

/** A command's result, for people and for programs. */
export interface Answer {
  readonly lines: readonly Line[];
  /** Printed as JSON instead of the lines, with `--json`. */
  readonly document: unknown;
}

/** The part of a stream that is needed here. */
export interface Sink {
  readonly isTTY?: boolean | undefined;
  /** A terminal's width in characters. */
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export interface Output {
  /** The width for the answer's lines: the terminal's, else undefined. */
  readonly width?: number | undefined;
  /** Prints the answer on stdout: the lines, or with `--json` the document. Only the first answer counts. */
  answer(answer: Answer): void;
  /** Prints a line on stderr, whatever the answer's format. */
  note(text: Line): void;
  /**
   * Shows lines that change: on a terminal in place of the previous ones, elsewhere below them, and only if
   * they differ. With `--json`, prints nothing to stdout.
   */
  follow(to: "stdout" | "stderr"): (lines: readonly Line[]) => void;
  /** Shows progress on a terminal until the returned function is called. */
  progress(text: string): () => void;
}

/** Faster work shows no progress. Milliseconds. */
const progressAfter = 300;

export function createOutput({
  stdout,
  stderr,
  json,
  environment,
}: {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly json: boolean;
  readonly environment: Environment;
}): Output {
  // https://no-color.org: set and not empty.
  const noColor = (environment["NO_COLOR"] ?? "") !== "" || environment["TERM"] === "dumb";

  let answered = false;

  const piecesOf = (line: Line): readonly Piece[] =>
    Array.isArray(line) ? (line as readonly Piece[]) : [line as Piece];

  function writeLine(sink: Sink, line: Line): void {
    const text = piecesOf(line).map((piece) => {
      if (typeof piece === "string") return printable(piece);
      const shown = printable(piece.text);
      // Checked here, for the stream being written: styleText itself would check process.stdout.
      const colours = sink.isTTY === true && !noColor;
      return colours ? styleText(piece.style, shown, { validateStream: false }) : shown;
    });
    sink.write(`${text.join("")}\n`);
  }

  /** A terminal would break a sentence within a word. Tables and what may be copied stay in one piece. */
  function writeWrapped(sink: Sink, line: Line): void {
    const text = typeof line === "object" && "text" in line ? line.text : line;
    const columns = sink.isTTY === true ? sink.columns : undefined;
    if (columns === undefined || typeof text !== "string" || !isSentence(text)) {
      writeLine(sink, line);
      return;
    }
    for (const part of wrap(text, columns))
      writeLine(sink, typeof line === "string" ? part : { ...(line as Exclude<Piece, string>), text: part });
  }

  return {
    width: stdout.isTTY === true ? stdout.columns : undefined,
    answer({ lines, document }) {
      if (answered) return;
      answered = true;
      if (json) stdout.write(`${printableJson(document)}\n`);
      else for (const line of lines) writeWrapped(stdout, line);
    },
    note(text) {
      writeWrapped(stderr, text);
    },
    follow(to) {
      const sink = to === "stdout" ? stdout : stderr;
      if (json && to === "stdout") return () => {};
      let before = "";
      let height = 0;
      return (lines) => {
        const plain = lines.map((line) =>
          piecesOf(line)
            .map((piece) => printable(typeof piece === "string" ? piece : piece.text))
            .join(""),
        );
        if (sink.isTTY === true) {
          if (height > 0) sink.write(`\u001B[${String(height)}A\u001B[J`);
        } else if (plain.join("\n") === before) {
          return;
        }
        before = plain.join("\n");
        const columns = sink.columns ?? Number.POSITIVE_INFINITY;
        height = plain.reduce((rows, { length }) => rows + Math.max(1, Math.ceil(length / columns)), 0);
        for (const line of lines) writeLine(sink, line);
      };
    },
    progress(text) {
      if (stderr.isTTY !== true) return () => {};
      let shown = false;
      const timer = setTimeout(() => {
        shown = true;
        stderr.write(printable(text));
      }, progressAfter);
      return () => {
        clearTimeout(timer);
        if (shown) stderr.write("\r\u001B[K");
      };
    },
  };
}

function isSentence(text: string): boolean {
  return /^\S.*[.!?]$/.test(text) && !/\s{2}/.test(text);
}
