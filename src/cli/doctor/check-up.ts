import { reasonOf, show } from "../../core/errors.ts";
import type { Store } from "../../core/ports.ts";
import { doubtAbout, type Environment } from "../../core/release.ts";
import { resolveSettings, type Settings } from "../../core/settings/resolve.ts";
import { settingsTable } from "../../core/settings/table.ts";
import { openStore } from "../../stores/open.ts";
import { nearest } from "../arguments/nearest.ts";
import { bad, failed, good, type Check } from "./check.ts";
import { checkStore } from "./check-store.ts";

export interface CheckUp {
  readonly environment: Environment;
  readonly store: string | undefined;
  readonly app: string | undefined;
  /** The running app's. */
  readonly url: string | undefined;
}

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
  const answer = url === undefined ? undefined : await checkUrl(url);
  try {
    const source = namedBy(named, environment);
    const isAppRunning = answer?.ok === true;
    checks.push(...(await checkStore({ store, settings, environment, source, isAppRunning })));
  } finally {
    await store.close();
  }
  return answer === undefined ? checks : [...checks, answer];
}

function checkRuntime(): Check {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const found = `Node ${process.versions.node}.`;
  return major > 20 || (major === 20 && minor >= 19)
    ? good("runtime", found)
    : bad("runtime", found, "Install Node 20.19 or newer.");
}

/** MAINTENANCE_, MAINTENENCE_, MAINTAINANCE_, MANTENANCE_ … */
const misspelt = /^(?:DJANGO_)?MA?I?N?T[A-Z]{3,8}CE_/i;

function checkNames(environment: Environment): Check {
  const known: readonly string[] = Object.values(settingsTable).flatMap(({ variables }) => variables);
  const ours = [...known, "MAINTENANCE_PAGE_RELEASE", "DJANGO_MAINTENANCE_PAGE_RELEASE"];
  const named = environment["MAINTENANCE_ENV_VAR"]?.trim();
  const strange = Object.keys(environment).filter(
    (name) => misspelt.test(name) && !ours.includes(name) && name !== named,
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

function namedBy(option: string | undefined, environment: Environment): string | undefined {
  if (option !== undefined) return "by --store";
  const name = settingsTable.store.variables.find((variable) => (environment[variable]?.trim() ?? "") !== "");
  return name === undefined ? undefined : `by ${name}`;
}
