import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isIntermissionError, show } from "../../core/errors.ts";
import type { Store } from "../../core/ports.ts";
import { areFormsOfOneCommit, type Environment } from "../../core/release.ts";
import { systemClock } from "../../core/runtime.ts";
import type { Settings } from "../../core/settings/resolve.ts";
import { currentRelease, type State } from "../../core/state/state.ts";
import { readState } from "../../engine/state/update.ts";
import { readInstances } from "../../reports/instances.ts";
import { findStrangers, nameSome, oneForm, strangersRemedy } from "../../reports/strangers.ts";
import { redactUrl } from "../../stores/open.ts";
import { describeMismatch, readMismatch } from "../session/mismatch.ts";
import { confinementOf, isFile, surroundings } from "../session/reach.ts";
import { toSpan } from "../terminal/time.ts";
import { bad, failed, good, type Check } from "./check.ts";

/** By how much clocks may differ. Milliseconds. */
const clockTolerance = 30_000;

/** In which an instance that has just started reports itself. Milliseconds. */
const reportsWithin = 4000;
const lookEvery = 500;

export interface StoreSubject {
  readonly store: Store;
  readonly settings: Settings;
  readonly environment: Environment;
  /** What named the store. Undefined: nothing. */
  readonly source: string | undefined;
  /** The app answers at its address, so an instance is running. */
  readonly isAppRunning: boolean;
}

/** Checks the store and what it holds. What a missing or wrong store brings with it is not told twice. */
export async function checkStore(subject: StoreSubject): Promise<readonly Check[]> {
  const { store, settings } = subject;
  const { app } = settings;
  const address = settings.store as string;
  let state: State;
  let now: number;
  let notice: string | undefined;
  try {
    ({ state, now } = await readState({ store, app, clock: systemClock }));
    ({ notice } = await store.read(app));
  } catch (error) {
    return [failed("store", error, describePlace(subject))];
  }
  const current = currentRelease(state);
  const place = checkPlace(subject, { hasRecord: current !== undefined, notice });
  return [
    place,
    checkClock(now),
    await checkPush(store, app),
    ...(current === undefined && !place.ok ? [] : [checkRecord(state, settings, now)]),
    await checkInstances(subject, state),
    checkIgnored(isFile(address) ? store.place : undefined),
  ];
}

function checkClock(now: number): Check {
  const drift = Math.abs(now - systemClock.now());
  return drift > clockTolerance
    ? bad(
        "clock",
        `This machine's clock and the store's differ by ${toSpan(drift)}.`,
        "Let NTP set both clocks.",
      )
    : good("clock", "This machine's clock agrees with the store's.");
}

function checkRecord(state: State, { app, release }: Settings, now: number): Check {
  const current = currentRelease(state);
  if (current === undefined)
    return bad(
      "record",
      `No release is recorded for the app ${show(app)}.`,
      "Run intermission create-release in each deploy, and name the app by MAINTENANCE_APP.",
    );
  const other =
    release && state.releases.find((recorded) => areFormsOfOneCommit(recorded.id, release.id))?.id;
  if (release !== undefined && other !== undefined)
    return bad(
      "record",
      `${show(other)} is recorded, and this machine runs ${show(release.id)}: one commit, but two releases.`,
      oneForm,
    );
  return good("record", `The current release is ${show(current.id)}, for ${toSpan(now - current.at)}.`);
}

function checkPlace(
  subject: StoreSubject,
  { hasRecord, notice }: { readonly hasRecord: boolean; readonly notice: string | undefined },
): Check {
  const { store, settings, environment, source } = subject;
  const address = settings.store as string;
  const place = describePlace(subject);
  if (/^memory:/i.test(address))
    return bad("store", `${place} ends with each process.`, "Name a store that instances and deploys share.");
  const confined =
    isFile(address) && store.place !== undefined
      ? confinementOf(store.place, surroundings(environment))
      : undefined;
  if (confined !== undefined)
    return bad("store", `${place} is a file that ${confined.found}.`, confined.remedy);
  if (notice !== undefined)
    return bad(
      "store",
      `${place}: ${notice}`,
      "Correct MAINTENANCE_STORE, for the app and for the deploy alike.",
    );
  if (source !== undefined || hasRecord) return good("store", `${place} can be read.`);
  return bad(
    "store",
    `${place} has nothing, and depends on the folder that a process starts in.`,
    "Set MAINTENANCE_STORE, for the app and for the deploy alike.",
  );
}

async function checkPush(store: Store, app: string): Promise<Check> {
  try {
    await (
      await store.watch?.(app, () => {})
    )?.();
    return good("push", "The store takes who listens for changes, as far as it has push.");
  } catch (error) {
    // Then instances read the record before they answer with an error, as they do without push.
    if (isIntermissionError(error) && error.code === "push-unavailable")
      return good("push", `There is none, and nobody needs it. ${error.problem}: ${error.got ?? "unknown"}.`);
    return failed("push", error);
  }
}

async function checkInstances(subject: StoreSubject, state: State): Promise<Check> {
  const { store, settings, isAppRunning } = subject;
  const name = "instances";
  const current = currentRelease(state);
  try {
    if (store.reports === undefined) return good(name, "The store keeps no reports of them.");
    const until = performance.now() + (isAppRunning && current !== undefined ? reportsWithin : 0);
    let seen = await readInstances(store.reports, settings.app);
    while (seen.instances.length === 0 && performance.now() < until) {
      await pause(lookEvery);
      seen = await readInstances(store.reports, settings.app);
    }
    const { now, instances } = seen;
    if (instances.length === 0 && isAppRunning && current !== undefined)
      return bad(
        name,
        `The app answers, but none has reported itself to ${describePlace(subject)} for the app ${show(settings.app)}.`,
        "Check that it runs with Intermission, with this store and this name, and without MAINTENANCE_REPORT=false.",
      );
    const { running, strange } = findStrangers(instances, state.releases);
    const behind = running.filter(({ release }) => release !== current?.id);
    if (current !== undefined && strange.length > 0) {
      return bad(
        name,
        `${String(strange.length)} of ${String(running.length)} run a release that was never recorded here: ${nameSome(strange)}.`,
        strangersRemedy,
      );
    }
    const mismatch = await readMismatch({ store, settings, ...state, instances: running, now });
    if (mismatch?.isLong === true) {
      return bad(
        name,
        `${String(behind.length)} of ${String(running.length)} have been behind ${describeMismatch(mismatch)}: ${nameSome(behind)}. All that time their errors are hidden.`,
        "Replace or restart them with the current release, or run intermission rollback. If they are meant to run side by side, see MAINTENANCE_WARN_AFTER.",
      );
    }
    return good(
      name,
      running.length === 0
        ? "None has reported itself in the last minute."
        : `${String(running.length)} are running, ${String(behind.length)} of them behind.`,
    );
  } catch (error) {
    if (isIntermissionError(error) && error.problem.includes("keeps no reports"))
      return good(name, "The store keeps no reports of them.");
    return failed(name, error);
  }
}

/** The default store's file holds a signing key, so it must stay out of version control. */
function checkIgnored(file: string | undefined): Check {
  const name = "gitignore";
  if (file === undefined) return good(name, "The store is not a file.");
  for (let folder = dirname(file), ignored = false; ; folder = dirname(folder)) {
    ignored ||= ignores(join(folder, ".gitignore"), file.slice(folder.length + 1).split("/"));
    if (existsSync(join(folder, ".git"))) {
      return ignored
        ? good(name, "Git ignores the store's file.")
        : bad(name, `Git does not ignore ${file}.`, `Add ${file.slice(folder.length + 1)}* to .gitignore.`);
    }
    if (dirname(folder) === folder) return good(name, "The store's file is in no repository.");
  }
}

function ignores(gitignore: string, path: readonly string[]): boolean {
  if (!existsSync(gitignore)) return false;
  const lines = readFileSync(gitignore, "utf8").split(/\r?\n/);
  return lines.some((line) => {
    const pattern = line.trim().replace(/^\/|\/$|\/?\*+$/g, "");
    return (
      /^\/?\*+$/.test(line.trim()) ||
      (pattern !== "" && (path.includes(pattern) || path.join("/").startsWith(pattern)))
    );
  });
}

/** Absolute for a file, so that two places look different. */
function describePlace({ store, settings, source }: StoreSubject): string {
  const address = settings.store as string;
  const shown = isFile(address) && store.place !== undefined ? `sqlite:${store.place}` : redactUrl(address);
  return `${shown} (${source ?? "nothing names another"})`;
}
