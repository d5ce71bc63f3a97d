import { IntermissionError, reasonOf } from "../../core/errors.ts";
import { isMissing } from "./load-package.ts";

/**
 * What a store says when an operation did not work out: what was to be done, the driver's reason, what to do.
 *
 * @param written False where it is certain that nothing was written: the server said so, or was never reached.
 */
export function storeFailed(
  problem: string,
  cause: unknown,
  remedy: string,
  written?: false,
): IntermissionError {
  return new IntermissionError("store-failed", {
    problem,
    got: reasonOf(cause),
    remedy,
    cause,
    ...(written === false ? { written } : {}),
  });
}

/** Nothing was sent: the system's codes of a connection that was not made. */
const notConnected: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOENT",
  "EACCES",
]);

export function wasNeverSent(error: unknown): boolean {
  return error instanceof Error && "code" in error && notConnected.has(error.code);
}

/** For what the server refuses this user, now and later. */
export function storeDenied(problem: string, cause: unknown, remedy: string): IntermissionError {
  return new IntermissionError("store-denied", {
    problem,
    got: reasonOf(cause),
    remedy,
    cause,
    written: false,
  });
}

/** What every operation on a closed store rejects with. */
export function storeClosed(): IntermissionError {
  return new IntermissionError("store-failed", {
    problem: "The store is closed",
    written: false,
    remedy: "Close it when nothing uses it any more, or open it again.",
  });
}

/** For who asks for reports where none are kept. */
export function keepsNoReports(): IntermissionError {
  return new IntermissionError("store-failed", {
    problem: "The store keeps no reports of instances",
    remedy: "Name one that does: PostgreSQL, MySQL, Redis, NATS, etcd or SQLite.",
  });
}

/**
 * Why a client's package could not be loaded: not installed, or installed and broken.
 *
 * @param packageName As npm knows it.
 * @param need Whose client it is, as in "PostgreSQL needs the package pg".
 */
export function clientUnavailable(packageName: string, need: string, cause: unknown): IntermissionError {
  const missing = isMissing(cause, packageName);
  return new IntermissionError("client-missing", {
    written: false,
    problem: `${need} needs the package ${packageName}, which ${missing ? "is not installed" : "could not be loaded"}`,
    ...(missing ? {} : { got: reasonOf(cause) }),
    remedy: `Run \`npm install ${packageName}\` in the folder from which you start, or \`npx --package=intermission --package=${packageName} intermission …\`.`,
    cause,
  });
}
