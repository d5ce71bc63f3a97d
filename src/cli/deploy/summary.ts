import type { DeployOutcome } from "../../core/state/deploys.ts";
import type { Answer, Line } from "../terminal/output.ts";
import { toIsoTime } from "../terminal/time.ts";

/** How a deploy ended. */
export interface DeployEnd {
  readonly app: string;
  readonly release: string;
  readonly outcome: DeployOutcome;
  /** Such as `exit 1`. */
  readonly note?: string | undefined;
  /** The command's. Left out if there was none. */
  readonly exitCode?: number;
  /** The store's time, in milliseconds since 1970. */
  readonly openedAt: number;
  readonly milliseconds: number;
  /** False: closing failed, or somebody else closed or took it over. */
  readonly closed: boolean;
  /** null: unknown, or none. */
  readonly currentRelease: string | null;
  /** The current release before the deploy. null: none, or the same. */
  readonly previousRelease: string | null;
  readonly restoredRelease: string | null;
}

/** Errors of one kind that the page hid from visitors. */
export interface HiddenErrors {
  /** Such as `500 /orders/:id (Error 42703)`. */
  readonly what: string;
  readonly count: number;
}

/** How many kinds of hidden errors get a line. */
const mostKinds = 5;

/**
 * What to say at the end of a deploy.
 *
 * @param goBack The command that makes a release current again.
 * @param hidden What was hidden while it was open. Left out: nobody counted.
 */
export function summarize(
  end: DeployEnd,
  goBack: (release: string) => string,
  hidden?: readonly HiddenErrors[],
): Answer {
  const { milliseconds, openedAt, note, ...rest } = end;
  return {
    lines: [toHeadline(end), ...toHiddenLines(hidden), ...toConsequence(end, goBack)],
    document: {
      ...rest,
      note: note ?? null,
      openedAt: toIsoTime(openedAt),
      seconds: Math.round(milliseconds) / 1000,
      hiddenErrors: hidden ?? null,
    },
  };
}

function toHeadline({ release, outcome, note, milliseconds, currentRelease }: DeployEnd): Line {
  const how = note === undefined ? outcome : `${outcome} (${note})`;
  const now = currentRelease === null ? "" : ` The current release is ${currentRelease}.`;
  return [
    {
      style: outcome === "succeeded" ? "green" : "red",
      text: `Deploy of ${release} ${how} after ${toSpan(milliseconds)}.`,
    },
    now,
  ];
}

function toHiddenLines(hidden: readonly HiddenErrors[] | undefined): readonly Line[] {
  if (hidden === undefined) return [];
  const total = hidden.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return ["No hidden error was reported so far. Instances report every 15 seconds."];
  const most = hidden.toSorted((one, other) => other.count - one.count).slice(0, mostKinds);
  return [
    `Hidden errors, as far as reported: ${String(total)}. The most frequent:`,
    ...most.map(({ what, count }) => `  ${String(count)} × ${what}`),
  ];
}

/** The state a failed deploy left behind, and what to do about it. */
function toConsequence(end: DeployEnd, goBack: (release: string) => string): readonly Line[] {
  const { release, outcome, closed, currentRelease, previousRelease, restoredRelease } = end;
  if (outcome === "succeeded" || !closed) return [];
  if (restoredRelease !== null)
    return [`Errors of instances that run ${release} are masked now, until those are replaced.`];
  if (currentRelease !== release) return ["It changed while the deploy ran, and was left as it is."];
  if (previousRelease === null) return [`Errors of instances that run ${release} are regular again.`];
  return [
    `Errors of instances that run another release stay masked, since the schema may be half changed. To lift that: ${goBack(previousRelease)}`,
  ];
}

function toSpan(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 120) return `${String(whole)} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 120) return `${String(minutes)} min ${String(whole % 60)} s`;
  return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
}
