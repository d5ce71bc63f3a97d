import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { systemClock } from "../../core/runtime.ts";
import { isIntermissionError, reasonOf, show } from "../../core/errors.ts";
import type { Store } from "../../core/ports.ts";
import { doubtAbout, type Environment } from "../../core/release.ts";
import { resolveSettings, type Settings } from "../../core/settings/resolve.ts";
import { settingsTable } from "../../core/settings/table.ts";
import { currentRelease, type State } from "../../core/state/state.ts";
import { readState } from "../../engine/state/update.ts";
import { readInstances } from "../../reports/instances.ts";
import { openStore, redactUrl } from "../../stores/open.ts";
import { describeMismatch, readMismatch } from "../session/mismatch.ts";
import { findStrangers, nameSome, strangersRemedy } from "../session/strangers.ts";
import { nearest } from "../arguments/nearest.ts";
import { toSpan } from "../terminal/time.ts";

/** A result. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** One sentence, without secrets. */
  readonly found: string;
  /** What to do. null: nothing. */
  readonly remedy: string | null;
}

export interface CheckUp {
  readonly environment: Environment;
  readonly store: string | undefined;
  readonly app: string | undefined;
  /** The running app's. */
  readonly url: string | undefined;
}

/** By how much clocks may differ. Milliseconds. */
const clockTolerance = 30_000;

/** Time limit for the app's answer. Milliseconds. */
const answerLimit = 5000;

/** Checks everything a deploy relies on. Never rejects because of a problem it finds. */
export async function checkUp({ environment, store: named, app, url }: CheckUp): Promise<readonly Check[]> {
  const checks: Check[] = [checkRuntime(), checkNames(environment)];
  let settings: Settings;
  let store: Store;
  try {
    settings = resolveSettings({ store: named, app }, { ...environment, MAINTENANCE_TEMPLATE: undefined });
    store = openStore(settings.store as string);
  } catch (error) {
    return [...checks, failed("settings", error)];
  }
  checks.push(good("settings", "They can be used."), checkRelease(settings));
  try {
    checks.push(...(await checkStore(store, settings, namedBy(named, environment))));
  } finally {
    await store.close();
  }
  if (url !== undefined) checks.push(await checkUrl(url));
  return checks;
}

function checkRuntime(): Check {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const found = `Node ${process.versions.node}.`;
  return major > 20 || (major === 20 && minor >= 19)
    ? good("runtime", found)
    : bad("runtime", found, "Install Node 20.19 or newer.");
}

function checkNames(environment: Environment): Check {
  const known: readonly string[] = Object.values(settingsTable).flatMap(({ variables }) => variables);
  const ours = [...known, "MAINTENANCE_PAGE_RELEASE", "DJANGO_MAINTENANCE_PAGE_RELEASE"];
  const named = environment["MAINTENANCE_ENV_VAR"]?.trim();
  const strange = Object.keys(environment).filter(
    (name) => /^(?:DJANGO_)?MAINTEN[A-Z]*_/i.test(name) && !ours.includes(name) && name !== named,
  );
  const [first] = strange;
  if (first === undefined) return good("variables", "Every MAINTENANCE_ variable is one that is read.");
  const meant = nearest(first, ours);
  return bad(
    "variables",
    `Nothing reads ${strange.map((name) => show(name)).join(", ")}.`,
    meant === undefined ? "Correct its name, or remove it." : `Did you mean ${meant}?`,
  );
}

function checkRelease({ release, releaseProblem, releaseVariable }: Settings): Check {
  const remedy = `Set ${releaseVariable} to the version, commit or image tag that is deployed.`;
  if (release === undefined) {
    return bad("release", `${releaseProblem ?? "This machine's release is unknown"}.`, remedy);
  }
  const found = `${show(release.id)}, from ${release.source}.`;
  const doubt = doubtAbout(release.id);
  if (doubt === "placeholder")
    return bad("release", `${found} It is a placeholder that was never filled in.`, remedy);
  if (doubt === "constant")
    return bad("release", `${found} The next deploy will have that name too.`, remedy);
  return good("release", found);
}

async function checkStore(
  store: Store,
  settings: Settings,
  source: string | undefined,
): Promise<readonly Check[]> {
  const { app } = settings;
  const address = settings.store as string;
  const place = `${placeOf(address)} (${source ?? "nothing names another"})`;
  let state: State;
  let now: number;
  try {
    ({ state, now } = await readState({ store, app, clock: systemClock }));
  } catch (error) {
    return [failed("store", error, place)];
  }
  const current = currentRelease(state);
  const drift = Math.abs(now - systemClock.now());
  return [
    checkPlace(address, place, source !== undefined || current !== undefined),
    drift > clockTolerance
      ? bad(
          "clock",
          `This machine's clock and the store's differ by ${toSpan(drift)}.`,
          "Let NTP set both clocks.",
        )
      : good("clock", "This machine's clock agrees with the store's."),
    await checkPush(store, app),
    current === undefined
      ? bad(
          "record",
          `No release is recorded for the app ${show(app)}.`,
          "Run intermission create-release in each deploy, and name the app by MAINTENANCE_APP.",
        )
      : good("record", `The current release is ${show(current.id)}, for ${toSpan(now - current.at)}.`),
    await checkInstances(store, settings, state),
    checkIgnored(address),
  ];
}

function checkPlace(address: string, place: string, isMeant: boolean): Check {
  if (/^memory:/i.test(address))
    return bad("store", `${place} ends with each process.`, "Name a store that instances and deploys share.");
  const isFile = /^sqlite:/i.test(address);
  const inContainer = existsSync("/.dockerenv") || existsSync("/run/.containerenv");
  if (isFile && inContainer && !/^sqlite:(?:\/\/)?\//i.test(address)) {
    return bad(
      "store",
      `${place} is a file that only this container sees.`,
      "Name a server, or an absolute path on a volume that instances and deploys share.",
    );
  }
  if (isMeant) return good("store", `${place} can be read.`);
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
    return failed("push", error);
  }
}

async function checkInstances(store: Store, settings: Settings, state: State): Promise<Check> {
  const name = "instances";
  const current = currentRelease(state);
  try {
    if (store.reports === undefined) return good(name, "The store keeps no reports of them.");
    const { now, instances } = await readInstances(store.reports, settings.app);
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
function checkIgnored(address: string): Check {
  const name = "gitignore";
  const path = sqlitePath(address);
  if (path === undefined) return good(name, "The store is no file.");
  const file = resolve(path);
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

async function checkUrl(url: string): Promise<Check> {
  const name = "url";
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(answerLimit), redirect: "manual" });
    await answer.body?.cancel();
    const page = answer.headers.get("x-maintenance");
    const found = `It answers ${String(answer.status)}${page === null ? "" : `, with the maintenance page (${page})`}.`;
    return answer.status < 500 || page !== null
      ? good(name, found)
      : bad(name, found, "Visitors see that error: look in the app's log.");
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return bad(name, `There is no answer: ${reasonOf(cause)}.`, "Check that the app is running there.");
  }
}

/** Absolute for a file, so that two places look different. */
function placeOf(address: string): string {
  const path = sqlitePath(address);
  return path === undefined ? redactUrl(address) : `sqlite:${resolve(path)}`;
}

function namedBy(option: string | undefined, environment: Environment): string | undefined {
  if (option !== undefined) return "by --store";
  const name = settingsTable.store.variables.find((variable) => (environment[variable]?.trim() ?? "") !== "");
  return name === undefined ? undefined : `by ${name}`;
}

function good(name: string, found: string): Check {
  return { name, ok: true, found, remedy: null };
}

function bad(name: string, found: string, remedy: string): Check {
  return { name, ok: false, found, remedy };
}

function failed(name: string, error: unknown, place?: string): Check {
  const known = isIntermissionError(error) ? error : undefined;
  const reason = known === undefined ? reasonOf(error) : known.message;
  return bad(
    name,
    place === undefined ? reason : `${place}: ${reason}`,
    known?.remedy ?? "Correct what the message names.",
  );
}

function sqlitePath(address: string): string | undefined {
  return /^sqlite:(?:\/\/)?([^?]+)/i.exec(address)?.[1];
}
