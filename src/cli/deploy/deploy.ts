import { systemClock } from "../../core/runtime.ts";
import { isIntermissionError, reasonOf } from "../../core/errors.ts";
import type { CloseDeployResult, OpenDeployResult } from "../../core/operations.ts";
import type { DeployOutcome } from "../../core/state/deploys.ts";
import type { Call, jsonOption, storeOptions } from "../arguments/command.ts";
import { keepLease, lease } from "./lease.ts";
import { readHidden } from "./hidden.ts";
import { describeOpening } from "./opening.ts";
import { runProgram, toExitCode, type Ending } from "./run-program.ts";
import { announce } from "../session/announce.ts";
import { noteReach } from "../session/reach.ts";
import { placeOf, type Session } from "../session/session.ts";
import { noteStrangers } from "../session/strangers.ts";
import { catchSignals, type Signals } from "./signals.ts";
import { suggest } from "../arguments/suggestion.ts";
import { summarize } from "./summary.ts";
import { tryFor } from "./try-for.ts";
import { toWaitTime } from "../arguments/wait.ts";
import type { Invocation } from "./windows.ts";

type WrappedCall = Call<
  typeof storeOptions & typeof jsonOption & { readonly "take-over": { readonly summary: string } }
>;

interface Wrapped {
  readonly invocation: Invocation;
  readonly wait: boolean | number;
  /** After a failure, make the earlier release current again. */
  readonly restore: boolean;
  /** Its expected duration. Milliseconds. */
  readonly takes: number | undefined;
}

/** How long to retry if the store is down just when a deploy ends. Milliseconds. */
const closeFor = 10_000;
/** For timers that fire early. Milliseconds. */
const waitMargin = 25;

/**
 * Opens a deploy, runs its command and closes it. Once the command runs, no problem with the store ends it or
 * changes its output.
 *
 * @returns the command's exit status.
 */
export async function runWrapped(call: WrappedCall, session: Session, wrapped: Wrapped): Promise<number> {
  const { options, positionals, output } = call;
  const { intermission } = session;
  const signals = catchSignals();
  try {
    const opened = await intermission.openDeploy({
      release: positionals[0],
      lease,
      takeOver: options["take-over"],
      takes: wrapped.takes,
      wait: false,
    });
    const begunAt = systemClock.now();
    for (const line of describeOpening(opened)) output.note(line);
    noteReach(session, call);
    const stopRenewing = keepLease({
      clock: systemClock,
      renew: () => intermission.renewDeploy(opened.id, lease),
      onFailure: (error) => {
        output.note(
          `Note: the deploy's lease could not be renewed, and is tried again. The command goes on. ${reasonOf(error)}`,
        );
      },
      onGone: (error) => {
        output.note(`Note: ${reasonOf(error)} The command goes on.`);
      },
    });
    // The command does not wait for it.
    const told = Promise.all([announce(session, output), noteStrangers(session, output)]);
    const ending = await runWhenKnown(call, wrapped, signals).finally(stopRenewing);
    const milliseconds = systemClock.now() - begunAt;
    const exitCode = await finish(call, session, wrapped, opened, ending, milliseconds);
    await told;
    await announce(session, output);
    return exitCode;
  } finally {
    signals.release();
  }
}

/** Runs the command once every instance knows of the deploy; not at all if a signal comes first. */
async function runWhenKnown(
  { options, environment, output }: WrappedCall,
  { invocation, wait }: Wrapped,
  signals: Signals,
): Promise<Ending> {
  const time = toWaitTime(wait);
  if (time > 0) {
    const done = output.progress("Waiting until every instance knows…");
    let cancel = (): void => {};
    const known = new Promise<void>((resolve) => {
      cancel = systemClock.after(time + waitMargin, resolve, { ref: true });
    });
    await Promise.race([known, signals.caught]);
    cancel();
    done();
  }
  const { first } = signals;
  if (first !== undefined)
    return { exitCode: toExitCode(first), signal: first, failure: "the command was not started" };
  return runProgram(invocation, { environment, signals, quiet: options.json });
}

async function finish(
  call: WrappedCall,
  session: Session,
  { wait, restore }: Wrapped,
  opened: OpenDeployResult,
  ending: Ending,
  milliseconds: number,
): Promise<number> {
  const { output } = call;
  const { intermission } = session;
  const { outcome, note } = toOutcome(ending);
  let lost: string | undefined;
  const goBack = (release: string): string => suggest(call, "rollback", release);
  let closed: CloseDeployResult | undefined;
  const done = output.progress("Closing the deploy…");
  try {
    closed = await tryFor(systemClock, closeFor, () =>
      intermission.closeDeploy({
        id: opened.id,
        outcome,
        note,
        restore: restore && outcome !== "succeeded",
        // Whoever stops it may soon kill it.
        wait: outcome === "aborted" ? false : wait,
      }),
    );
  } catch (error) {
    const gone = isIntermissionError(error) && error.code === "deploy-gone";
    if (gone) lost = await findLoss(session, opened);
    output.note([
      { style: "yellow", text: "Warning:" },
      lost !== undefined
        ? ` ${lost}`
        : gone
          ? ` the deploy was not closed here. ${reasonOf(error)}`
          : ` the deploy could not be closed: ${reasonOf(error)} Its lease ends by itself in ${String(lease / 1000)} s; until then, errors of every instance are masked.`,
    ]);
    const wasToRestore = restore && outcome !== "succeeded" && opened.outcome === "recorded";
    if (!gone && wasToRestore && opened.previousRelease !== null)
      output.note(
        `${opened.release} is still the current release. To go back, run: ${goBack(opened.previousRelease)}`,
      );
  } finally {
    done();
  }
  // Don't wait for a count when stopped, or when the store is down.
  const hidden =
    closed === undefined || outcome === "aborted"
      ? undefined
      : await readHidden(session, opened, milliseconds);
  const answer = summarize(
    {
      app: intermission.settings.app,
      release: opened.release,
      ...(lost === undefined ? { outcome, note } : { outcome: "lost", note: "its record is gone" }),
      exitCode: ending.exitCode,
      openedAt: opened.openedAt,
      milliseconds,
      closed: closed !== undefined,
      currentRelease: closed?.currentRelease ?? null,
      previousRelease: closed?.previousRelease ?? opened.previousRelease,
      restoredRelease: closed?.restoredRelease ?? null,
    },
    goBack,
    hidden,
  );
  // stdout belongs to the command.
  for (const line of answer.lines) output.note(line);
  output.answer({ ...answer, lines: [] });
  // The deploy was not protected all the way through, so it is no success.
  return lost !== undefined && ending.exitCode === 0 ? 1 : ending.exitCode;
}

/**
 * What to say if the whole record is gone (for example, a schema tool dropped an unknown table), after
 * recording the release again. Undefined: the record exists, and only the deploy is missing from it.
 */
async function findLoss(
  session: Session,
  { release, previousRelease }: OpenDeployResult,
): Promise<string | undefined> {
  const { intermission } = session;
  try {
    if ((await intermission.releases()).length > 0) return undefined;
    // For a rollback.
    if (previousRelease !== null) await intermission.createRelease(previousRelease, { wait: false });
    await intermission.createRelease(release, { wait: false });
  } catch {
    return undefined;
  }
  return `the record in ${placeOf(session)} was deleted while the command ran, and the releases before with it. ${release} was recorded anew. Until then no error was masked: see which command deleted it, and keep the store out of its way.`;
}

function toOutcome({ exitCode, signal, failure }: Ending): {
  readonly outcome: DeployOutcome;
  readonly note?: string;
} {
  const because = failure === undefined ? "" : `, ${failure}`;
  if (signal !== undefined) return { outcome: "aborted", note: `${signal}${because}` };
  if (exitCode === 0) return { outcome: "succeeded" };
  return { outcome: "failed", note: `exit ${String(exitCode)}${because}` };
}
