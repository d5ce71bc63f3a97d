import { setTimeout as pause } from "node:timers/promises";
import { IntermissionError } from "../../core/errors.ts";
import { parseDuration } from "../../core/settings/values.ts";
import { defineCommand, jsonOption, storeOptions } from "../arguments/command.ts";
import { listInstances, readFleet, toDocument, type Fleet } from "../session/fleet.ts";
import { placeOf, withSession } from "../session/session.ts";
import { UsageError } from "../arguments/usage-error.ts";

/** Milliseconds between two reads. */
const lookEvery = 1000;
const defaultTimeout = "10m";
const maximumTimeout = 86_400_000;

export const wait = defineCommand({
  name: "wait",
  summary: "Returns when every running instance runs the current release",
  details: [
    "A gate for pipelines: the next step begins when the old instances are gone. At least one instance must be running.",
    "An instance is gone once it has closed, or has been silent for 60 seconds. When the time is up, it names the instances that are behind and exits with status 1.",
  ],
  example: "intermission wait --timeout 10m",
  positionals: [],
  options: {
    ...storeOptions,
    timeout: { value: "DURATION", summary: `How long to wait, such as 90s or 30m (else ${defaultTimeout})` },
    ...jsonOption,
  },
  async run(call) {
    const { options, output } = call;
    const timeout = options.timeout ?? defaultTimeout;
    const deadline = performance.now() + toMilliseconds(timeout);
    await withSession(call, async (session) => {
      const { app } = session.intermission.settings;
      const show = output.follow("stderr");
      let fleet = await readFleet(session);
      let failure: unknown;
      while (failure !== undefined || !isDone(fleet)) {
        const remaining = deadline - performance.now();
        if (remaining <= 0) {
          if (failure !== undefined) throw failure as Error;
          const error = tooLate(timeout, app, fleet, placeOf(session));
          const { code, message } = error;
          output.answer({ lines: [], document: { error: { code, message, ...toDocument(app, fleet) } } });
          throw error;
        }
        show([
          failure === undefined
            ? describe(app, fleet, placeOf(session))
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

function isDone({ currentRelease, instances, behind }: Fleet): boolean {
  return currentRelease !== null && instances.length > 0 && behind.length === 0;
}

function describe(app: string, { currentRelease, instances, behind }: Fleet, place: string): string {
  if (currentRelease === null) return `No release is recorded for the app ${app} in ${place}.`;
  if (instances.length === 0) return `No instance has reported itself in ${place}.`;
  const done = `${String(instances.length - behind.length)} of ${String(instances.length)}`;
  return `${done} instances run ${currentRelease}. Behind: ${listInstances(behind)}`;
}

function tooLate(timeout: string, app: string, fleet: Fleet, place: string): IntermissionError {
  return new IntermissionError("instances-behind", {
    problem: `Not every instance runs the current release after ${timeout}`,
    got: describe(app, fleet, place).replace(/\.$/, ""),
    remedy: "Look at them: intermission instances.",
  });
}

function toMilliseconds(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined || milliseconds > maximumTimeout) {
    throw new UsageError("The option --timeout needs a duration such as 90s, 30m or 2h, at most 24h.");
  }
  return milliseconds;
}
