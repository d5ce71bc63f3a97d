import { describe, expect, test } from "vitest";
import { summarize, type DeployEnd } from "./summary.ts";

const end: DeployEnd = {
  app: "shop",
  release: "v1.1",
  outcome: "succeeded",
  exitCode: 0,
  openedAt: 0,
  milliseconds: 12_345,
  closed: true,
  currentRelease: "v1.1",
  previousRelease: "v1.0",
  restoredRelease: null,
};
const failed: DeployEnd = { ...end, outcome: "failed", note: "exit 3", exitCode: 3 };
const goBack = (release: string): string => `intermission rollback ${release}`;

const textOf = (...parameters: Parameters<typeof summarize>): readonly string[] =>
  summarize(...parameters).lines.map((line) =>
    (Array.isArray(line) ? (line as readonly (string | { readonly text: string })[]) : [line as string])
      .map((piece) => (typeof piece === "string" ? piece : piece.text))
      .join(""),
  );

describe("the summary of a deploy", () => {
  test("says how it ended, how long it took and what is current", () => {
    expect(textOf(end, goBack)).toEqual([
      "Deploy of v1.1 succeeded after 12 s. The current release is v1.1.",
    ]);
    expect(summarize(end, goBack).document).toEqual({
      app: "shop",
      release: "v1.1",
      outcome: "succeeded",
      note: null,
      exitCode: 0,
      openedAt: "1970-01-01T00:00:00.000Z",
      seconds: 12.345,
      closed: true,
      currentRelease: "v1.1",
      previousRelease: "v1.0",
      restoredRelease: null,
      hiddenErrors: null,
    });
  });

  test.each<readonly [string, Partial<DeployEnd>, string]>([
    [
      "keeps",
      {},
      "stay masked, since the schema may be half changed. To lift that: intermission rollback v1.0",
    ],
    [
      "restores",
      { restoredRelease: "v1.0", currentRelease: "v1.0" },
      "Errors of instances that run v1.1 are masked now, until those are replaced.",
    ],
    [
      "meets another release",
      { currentRelease: "v1.2" },
      "It changed while the deploy ran, and was left as it is.",
    ],
    [
      "has nothing to go back to",
      { previousRelease: null },
      "Errors of instances that run v1.1 are regular again.",
    ],
  ])("that failed and %s says in one line what that means", (_, more, line) => {
    const lines = textOf({ ...failed, ...more }, goBack);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain("Deploy of v1.1 failed (exit 3) after 12 s.");
    expect(lines[1]).toContain(line);
  });

  test("that could not be closed claims nothing of what is current", () => {
    expect(textOf({ ...failed, closed: false, currentRelease: null }, goBack)).toEqual([
      "Deploy of v1.1 failed (exit 3) after 12 s.",
    ]);
  });

  test.each([
    [0, "0.0 s"],
    [-5, "0.0 s"],
    [9949, "9.9 s"],
    [9999, "10 s"],
    [119_400, "119 s"],
    [119_600, "2 min 0 s"],
    [7_199_000, "119 min 59 s"],
    [7_260_000, "2 h 1 min"],
  ])("%i ms are %s", (milliseconds, text) => {
    expect(textOf({ ...end, milliseconds }, goBack)[0]).toContain(`after ${text}.`);
  });

  test("has a place for the errors that were hidden, the most frequent first", () => {
    const kinds = [1, 7, 3, 2, 5, 4].map((count) => ({ what: `500 GET /${String(count)}`, count }));
    expect(textOf(end, goBack, kinds).slice(1)).toEqual([
      "Hidden errors, as far as reported: 22. The most frequent:",
      "  7 × 500 GET /7",
      "  5 × 500 GET /5",
      "  4 × 500 GET /4",
      "  3 × 500 GET /3",
      "  2 × 500 GET /2",
    ]);
    expect(textOf(end, goBack, [])[1]).toBe(
      "No hidden error was reported so far. Instances report every 15 seconds.",
    );
    expect(summarize(end, goBack, kinds).document).toMatchObject({ hiddenErrors: kinds });
  });
});
