import { setTimeout as pause } from "node:timers/promises";
import { IntermissionError } from "../../core/errors.ts";
import { parseDuration } from "../../core/settings/values.ts";
import { defineCommand, jsonOption, storeOptions } from "../arguments/command.ts";
import { listInstances, readFleet, toDocument, type Fleet } from "../session/fleet.ts";
import { placeOf, withSession } from "../session/session.ts";
import { UsageError } from "../arguments/usage-error.ts";

/** More than a store should have of one app. */
const mostInstances = 100_000;
/** Milliseconds between two reads. */
const lookEvery = 1000;
const defaultTimeout = "10m";
const maximumTimeout = 86_400_000;

export const wait = defineCommand({
  name: "wait",
  summary: "Returns when every running instance runs the current release",
  details: [
    "A gate for pipelines: the next step begins when the old instances are gone. At least one instance must be running; with --instances, so many.",
    "An instance that has just been restarted may not be listed yet, so say how many there are if you know it.",
    "An instance is gone once it has closed, or has been silent for 60 seconds. When the time is up, it names the instances that are behind and exits with status 1.",
  ],
  example: "intermission wait --instances 2 --timeout 10m",
  positionals: [],
  options: {
    ...storeOptions,
    instances: { value: "NUMBER", summary: "How many must be running at least (else 1)" },
    timeout: { value: "DURATION", summary: `How long to wait, such as 90s or 30m (else ${defaultTimeout})` },
    ...jsonOption,
  },
  async run(call) {
    const { options, output } = call;
    const timeout = options.timeout ?? defaultTimeout;
    const atLeast = toNumber(options.instances);
    const deadline = performance.now() + toMilliseconds(timeout);
    await withSession(call, async (session) => {
      const { app } = session.intermission.settings;
      const show = output.follow("stderr");
      let fleet = await readFleet(session);
      let failure: unknown;
      while (failure !== undefined || !isDone(fleet, atLeast)) {
        const remaining = deadline - performance.now();
        if (remaining <= 0) {
          if (failure !== undefined) throw failure as Error;
          const error = tooLate(timeout, describe(app, fleet, atLeast, placeOf(session)));
          const { code, message } = error;
          output.answer({ lines: [], document: { error: { code, message, ...toDocument(app, fleet) } } });
          throw error;
        }
        show([
          failure === undefined
            ? describe(app, fleet, atLeast, placeOf(session))
            : "The store can't be read. Trying again…",
        ]);
        await pause(Math.min(lookEvery, remaining));
        try {
          fleet = await readFleet(session);
          failure = undefined;
        } catch (error) {
          // A store that worked at first may be down for a moment during a deploy.
          failure = error;
        }
      }
      output.answer({
        lines: [
          {
            style: "green",
            text: `Every instance (${String(fleet.instances.length)}) runs ${fleet.currentRelease ?? ""}.`,
          },
        ],
        document: toDocument(app, fleet),
      });
    });
  },
});

function isDone({ currentRelease, instances, behind }: Fleet, atLeast: number): boolean {
  return currentRelease !== null && instances.length >= atLeast && behind.length === 0;
}

function describe(
  app: string,
  { currentRelease, instances, behind }: Fleet,
  atLeast: number,
  place: string,
): string {
  if (currentRelease === null) return `No release is recorded for the app ${app} in ${place}.`;
  if (instances.length === 0) return `No instance has reported itself in ${place}.`;
  const done = `${String(instances.length - behind.length)} of ${String(instances.length)} instances run ${currentRelease}.`;
  if (behind.length > 0) return `${done} Behind: ${listInstances(behind)}`;
  return `${done} Waiting for ${String(atLeast - instances.length)} more.`;
}

function tooLate(timeout: string, found: string): IntermissionError {
  return new IntermissionError("instances-behind", {
    problem: `Not every instance runs the current release after ${timeout}`,
    got: found.replace(/\.$/, ""),
    remedy: "Look at them: intermission instances.",
  });
}

function toNumber(text = "1"): number {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > mostInstances)
    throw new UsageError(`The option --instances needs a number from 1 to ${String(mostInstances)}.`);
  return number;
}

function toMilliseconds(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined || milliseconds > maximumTimeout) {
    throw new UsageError("The option --timeout needs a duration such as 90s, 30m or 2h, at most 24h.");
  }
  return milliseconds;
}
