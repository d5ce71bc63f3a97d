import { IntermissionError, reasonOf } from "../../core/errors.ts";

/** What a store says when an operation did not work out: what was to be done, the driver's reason, what to do. */
export function storeFailed(problem: string, cause: unknown, remedy: string): IntermissionError {
  return new IntermissionError("store-failed", { problem, got: reasonOf(cause), remedy, cause });
}

/** For what the server refuses this user, now and later. */
export function storeDenied(problem: string, cause: unknown, remedy: string): IntermissionError {
  return new IntermissionError("store-denied", { problem, got: reasonOf(cause), remedy, cause });
}

/** What every operation on a closed store rejects with. */
export function storeClosed(): IntermissionError {
  return new IntermissionError("store-failed", {
    problem: "The store is closed",
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
  const missing =
    cause instanceof Error &&
    "code" in cause &&
    (cause.code === "ERR_MODULE_NOT_FOUND" || cause.code === "MODULE_NOT_FOUND") &&
    cause.message.includes(packageName);
  return new IntermissionError("client-missing", {
    problem: `${need} needs the package ${packageName}, which ${missing ? "is not installed" : "could not be loaded"}`,
    ...(missing ? {} : { got: reasonOf(cause) }),
    remedy: `Run \`npm install ${packageName}\`.`,
    cause,
  });
}
