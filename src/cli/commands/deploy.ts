import { longestDeploy, shortestDeploy } from "../../core/state/manual.ts";
import { parseDuration } from "../../core/settings/values.ts";
import { defineCommand, jsonOption, storeOptions, type Call } from "../arguments/command.ts";
import { announce } from "../session/announce.ts";
import { readHidden } from "../deploy/hidden.ts";
import { describeOpening } from "../deploy/opening.ts";
import { toInvocation } from "../deploy/program.ts";
import type { Invocation } from "../deploy/windows.ts";
import { noteReach } from "../session/reach.ts";
import { withSession, type Session } from "../session/session.ts";
import { noteStrangers } from "../session/strangers.ts";
import { suggest } from "../arguments/suggestion.ts";
import { summarize } from "../deploy/summary.ts";
import { toIsoTime, toLocalTime } from "../terminal/time.ts";
import { UsageError } from "../arguments/usage-error.ts";
import { toWait, waitOptions } from "../arguments/wait.ts";
import { runWrapped } from "../deploy/deploy.ts";

const deployOptions = {
  ...storeOptions,
  ...waitOptions,
  "on-failure": {
    value: "keep|restore",
    summary: "If the command fails: keep the release current, or restore the earlier one (else keep)",
  },
  "take-over": { summary: "End a deploy that is open, whoever opened it, and begin" },
  begin: { summary: "Open a deploy and return, for pipelines that can't wrap a command" },
  for: {
    value: "DURATION",
    summary: "With --begin: how long it masks if nobody ends it, such as 2h (else 30m)",
  },
  takes: {
    value: "DURATION",
    summary: "How long visitors are told it will take, such as 5m (else what the last deploys took)",
  },
  finish: { summary: "Close the deploy as succeeded" },
  fail: { summary: "Close the deploy as failed" },
  ...jsonOption,
} as const;

type DeployCall = Call<typeof deployOptions>;

const longest = 24 * 3_600_000;
const shortest = 1000;

export const deploy = defineCommand({
  name: "deploy",
  summary: "Records a release, runs the deploy's command, and says how it ended",
  details: [
    "While the command runs, server errors of every instance become the maintenance page, on the old release and on the new one, whose schema may not be ready yet. Afterwards only instances of another release are masked, as with create-release.",
    "The command inherits input, output and signals, and its exit status becomes this one's. No shell runs it: write -- sh -c '…' if you need one. If it can't be started, the status is 127 or 126, and nothing is recorded.",
    "It has failed if its exit status is not 0 or a signal ended it. --on-failure restore then makes the earlier release current again; keep changes nothing, since the schema may be half changed.",
    "If you can't wrap a command, run deploy --begin first, and deploy --finish or deploy --fail at the end.",
    "If this process dies, the deploy counts as lost 30 seconds later, and masks nothing any more.",
  ],
  example: "intermission deploy v1.1 -- npm run migrate",
  positionals: ["id"],
  rest: "command",
  options: deployOptions,
  async run(call) {
    const plan = toPlan(call);
    await withSession(call, async (session) => {
      switch (plan.kind) {
        case "run":
          call.exitWith(await runWrapped(call, session, plan));
          break;
        case "begin":
          await begin(call, session, plan);
          break;
        case "close":
          await close(call, session, plan);
          break;
      }
    });
  },
});

type Plan =
  | {
      readonly kind: "run";
      readonly invocation: Invocation;
      readonly wait: boolean | number;
      readonly restore: boolean;
      readonly takes: number | undefined;
    }
  | {
      readonly kind: "begin";
      readonly lease: number;
      readonly wait: boolean | number;
      readonly takes: number | undefined;
    }
  | {
      readonly kind: "close";
      readonly outcome: "succeeded" | "failed";
      readonly wait: boolean | number;
      readonly restore: boolean;
    };

/** What was asked for. Finds every mistake in it before anything is tried. */
function toPlan({ options, rest, environment }: DeployCall): Plan {
  const verbs = (["begin", "finish", "fail"] as const).filter((name) => options[name]);
  const [verb] = verbs;
  const example = "intermission deploy -- npm run migrate";
  if (verb === undefined && (rest === undefined || rest.length === 0))
    throw new UsageError(`deploy needs a command: ${example}. Or one of --begin, --finish and --fail.`);
  if (verb !== undefined && rest !== undefined)
    throw new UsageError(
      `A command and --${verb} can't be used together: the deploy ends when the command does.`,
    );
  if (verbs.length > 1) throw new UsageError(`--${verbs.join(" and --")} can't be used together.`);

  const wait = toWait(options);
  const restore = toRestore(options["on-failure"]);
  const refuse = (name: keyof typeof options, remedy: string): void => {
    if (options[name] !== undefined && options[name] !== false)
      throw new UsageError(`The option --${name} goes with ${remedy}.`);
  };
  if (verb !== "begin") refuse("for", "--begin");
  if (verb === "begin" || verb === "finish") refuse("on-failure", "a command or --fail");
  if (verb === "finish" || verb === "fail") refuse("take-over", "a command or --begin");
  if (verb === "finish" || verb === "fail") refuse("takes", "a command or --begin");
  const takes = toTakes(options.takes);

  if (verb === undefined) {
    const invocation = toInvocation(rest ?? [], environment);
    return { kind: "run", invocation, wait, restore, takes };
  }
  switch (verb) {
    case "begin":
      return { kind: "begin", lease: toLease(options.for), wait, takes };
    case "finish":
      return { kind: "close", outcome: "succeeded", wait, restore: false };
    case "fail":
      return { kind: "close", outcome: "failed", wait, restore };
  }
}

function toRestore(text: string | undefined): boolean {
  if (text === undefined || text === "keep") return false;
  if (text === "restore") return true;
  throw new UsageError("The option --on-failure needs keep or restore.");
}

function toLease(text = "30m"): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined || milliseconds < shortest || milliseconds > longest)
    throw new UsageError("The option --for needs a duration such as 30m or 2h, from 1s to 24h.");
  return milliseconds;
}

function toTakes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined || milliseconds < shortestDeploy || milliseconds > longestDeploy)
    throw new UsageError("The option --takes needs a duration such as 90s or 5m, from 1s to 24h.");
  return milliseconds;
}

async function begin(
  call: DeployCall,
  session: Session,
  { lease, wait, takes }: Extract<Plan, { readonly kind: "begin" }>,
): Promise<void> {
  const { options, positionals, output } = call;
  const { intermission } = session;
  const done = output.progress("Opening the deploy, and waiting until every instance knows…");
  const opened = await intermission
    .openDeploy({ release: positionals[0], lease, takeOver: options["take-over"], takes, wait })
    .finally(done);
  const { release, outcome, previousRelease, openedAt, leaseUntil, lost, takenOver } = opened;
  const end = suggest(call, "deploy", release);
  output.answer({
    lines: [
      ...describeOpening(opened),
      `At the end: ${end} --finish, or --fail. Without either, errors are regular again at ${toLocalTime(leaseUntil)}.`,
    ],
    document: {
      app: intermission.settings.app,
      release,
      outcome,
      previousRelease,
      openedAt: toIsoTime(openedAt),
      leaseUntil: toIsoTime(leaseUntil),
      lost: lost?.release ?? null,
      takenOver: takenOver?.release ?? null,
    },
  });
  noteReach(session, call);
  await Promise.all([announce(session, output), noteStrangers(session, output)]);
}

async function close(
  call: DeployCall,
  session: Session,
  plan: Extract<Plan, { readonly kind: "close" }>,
): Promise<void> {
  const { intermission } = session;
  const { outcome, wait, restore } = plan;
  const { app, release } = intermission.settings;
  const done = call.output.progress("Closing the deploy…");
  const closed = await intermission
    // A deploy of another release belongs to another pipeline.
    .closeDeploy({ release: call.positionals[0] ?? release?.id, outcome, restore, wait })
    .finally(done);
  const { openedAt, closedAt, leaseUntil } = closed;
  const milliseconds = closedAt - openedAt;
  call.output.answer(
    summarize(
      { ...closed, app, milliseconds, closed: true },
      (earlier) => suggest(call, "rollback", earlier),
      await readHidden(session, closed, milliseconds),
    ),
  );
  if (closedAt >= leaseUntil)
    call.output.note(
      `Note: its time ran out at ${toLocalTime(leaseUntil)}. Give it more with --begin --for.`,
    );
  await announce(session, call.output);
}
