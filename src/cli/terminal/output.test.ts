import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createOutput, type Output, type Sink } from "./output.ts";

interface Recorded {
  readonly output: Output;
  readonly written: { stdout: string; stderr: string };
}

function record({ isTTY = false, json = false, environment = {}, columns = 80 } = {}): Recorded {
  const written = { stdout: "", stderr: "" };
  const sink = (name: "stdout" | "stderr"): Sink => ({
    isTTY,
    columns,
    write: (text) => (written[name] += text),
  });
  return {
    output: createOutput({ stdout: sink("stdout"), stderr: sink("stderr"), json, environment }),
    written,
  };
}

const answer = {
  lines: ["plain", ["two ", { style: "green", text: "pieces" }]],
  document: { a: 1 },
} as const;

describe("an answer", () => {
  test("is its lines for people, without colours where no terminal is", () => {
    const { output, written } = record();
    output.answer(answer);
    expect(written.stdout).toBe("plain\ntwo pieces\n");
  });

  test("is its document for programs", () => {
    const { output, written } = record({ json: true, isTTY: true });
    output.answer(answer);
    expect(JSON.parse(written.stdout)).toEqual({ a: 1 });
  });

  test("is given once: a failure after it adds no second document", () => {
    const { output, written } = record({ json: true });
    output.answer(answer);
    output.answer({ lines: [], document: { error: {} } });
    expect(JSON.parse(written.stdout)).toEqual({ a: 1 });
  });

  test("has colours on a terminal", () => {
    const { output, written } = record({ isTTY: true });
    output.answer(answer);
    expect(written.stdout).toBe("plain\ntwo \u001B[32mpieces\u001B[39m\n");
  });

  test.each([{ NO_COLOR: "1" }, { TERM: "dumb" }])("has no colours with %j", (environment) => {
    const { output, written } = record({ isTTY: true, environment });
    output.answer(answer);
    expect(written.stdout).toBe("plain\ntwo pieces\n");
  });

  test("has colours with an empty NO_COLOR, which counts as unset", () => {
    const { output, written } = record({ isTTY: true, environment: { NO_COLOR: "" } });
    output.answer(answer);
    expect(written.stdout).toContain("\u001B[32m");
  });

  test("has no control characters from outside", () => {
    const { output, written } = record({ isTTY: true });
    output.answer({ lines: ["\u001B[2J", { style: "bold", text: "\u0007" }], document: null });
    expect(written.stdout).toBe("\\u{1b}[2J\n\u001B[1m\\u{7}\u001B[22m\n");
  });
});

describe("a note", () => {
  test.each([false, true])("goes to stderr as a line (with --json: %s)", (json) => {
    const { output, written } = record({ json });
    output.note("Take note.");
    expect(written).toEqual({ stdout: "", stderr: "Take note.\n" });
  });
});

describe("on a narrow terminal", () => {
  const long = "Nothing is recorded there yet. Run `intermission create-release v1.1`, then look again.";

  test.each(["answer", "note"] as const)("a sentence of an %s breaks between its words", (kind) => {
    const { output, written } = record({ isTTY: true, columns: 40 });
    if (kind === "note") output.note(long);
    else output.answer({ lines: [long], document: null });
    expect(written[kind === "note" ? "stderr" : "stdout"].split("\n")).toEqual([
      "Nothing is recorded there yet. Run",
      "`intermission create-release v1.1`, then",
      "look again.",
      "",
    ]);
  });

  test("each of its lines has its colour", () => {
    const { output, written } = record({ isTTY: true, columns: 12 });
    output.note({ style: "green", text: "All is well here." });
    expect(written.stderr).toBe("\u001B[32mAll is well\u001B[39m\n\u001B[32mhere.\u001B[39m\n");
  });

  test.each([
    "Name                         Release          Started.",
    "  npx intermission create-release v1.1 --app shop.",
    "To turn it off: intermission off --store sqlite:/var/lib/shop/state.db",
  ])("%j stays in one piece", (line) => {
    const { output, written } = record({ isTTY: true, columns: 20 });
    output.answer({ lines: [line], document: null });
    expect(written.stdout).toBe(`${line}\n`);
  });

  test("in a pipe nothing is wrapped", () => {
    const { output, written } = record({ columns: 20 });
    output.note(long);
    expect(written.stderr).toBe(`${long}\n`);
  });
});

describe("progress", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("appears on a terminal after a while, and is wiped away", () => {
    const { output, written } = record({ isTTY: true });
    const done = output.progress("Working…");
    expect(written.stderr).toBe("");
    vi.advanceTimersByTime(1000);
    expect(written.stderr).toBe("Working…");
    done();
    expect(written.stderr).toBe("Working…\r\u001B[K");
  });

  test("is not worth a word when the work is quick", () => {
    const { output, written } = record({ isTTY: true });
    output.progress("Working…")();
    vi.advanceTimersByTime(1000);
    expect(written.stderr).toBe("");
  });

  test("stays out of files and pipes", () => {
    const { output, written } = record();
    output.progress("Working…");
    vi.advanceTimersByTime(1000);
    expect(written.stderr).toBe("");
  });
});

describe("lines that change", () => {
  test("are written below each other in a log, and only where they differ", () => {
    const { output, written } = record();
    const show = output.follow("stderr");
    for (const text of ["one", "one", "two", "one"]) show([text]);
    expect(written).toEqual({ stdout: "", stderr: "one\ntwo\none\n" });
  });

  test("take each other's place on a terminal, however many they are", () => {
    const { output, written } = record({ isTTY: true });
    const show = output.follow("stdout");
    show(["one", "two"]);
    show(["three"]);
    show(["three"]);
    expect(written.stdout).toBe("one\ntwo\n\u001B[2A\u001B[Jthree\n\u001B[1A\u001B[Jthree\n");
  });

  test("leave stdout to the document, for programs", () => {
    const { output, written } = record({ json: true });
    output.follow("stdout")(["one"]);
    output.follow("stderr")(["two"]);
    expect(written).toEqual({ stdout: "", stderr: "two\n" });
  });
});
