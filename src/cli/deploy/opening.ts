import type { OpenDeployResult } from "../../core/operations.ts";
import type { Line } from "../terminal/output.ts";
import { toLocalTime } from "../terminal/time.ts";

/** What to say when a deploy was opened. */
export function describeOpening(opened: OpenDeployResult): readonly Line[] {
  const { release, outcome, previousRelease, lost, takenOver } = opened;
  const before =
    outcome === "already-current"
      ? " (it is the current release already)"
      : previousRelease === null
        ? ""
        : ` (before: ${previousRelease})`;
  return [
    ...(lost === null
      ? []
      : [
          `Note: the deploy of ${lost.release} by ${lost.by ?? "someone"} was lost: it was never closed, and its lease ran out at ${toLocalTime(lost.leaseUntil)}.`,
        ]),
    ...(takenOver === null
      ? []
      : [
          `Note: taken over from the deploy of ${takenOver.release} by ${takenOver.by ?? "someone"}, open since ${toLocalTime(takenOver.openedAt)}.`,
        ]),
    [
      { style: "green", text: `Opened the deploy of ${release}${before}.` },
      " Until it ends, server errors of every instance become the maintenance page.",
    ],
  ];
}
