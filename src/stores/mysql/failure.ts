import { isIntermissionError, type IntermissionError } from "../../core/errors.ts";
import { storeFailed } from "../shared/failure.ts";

export const missingTable = 1146;
/** The server used to be the primary: after a failover the next connection leads to the new one. */
const readOnly = new Set([1290, 1792, 1836]);

/** The server refused the statement; the connection is still usable. */
export function isAnswer(error: unknown): boolean {
  const number = numberOf(error);
  return number !== undefined && !readOnly.has(number);
}

/** The server's error number: https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html */
export function numberOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const { errno, sqlState, fatal } = error as {
    readonly errno?: unknown;
    readonly sqlState?: unknown;
    readonly fatal?: unknown;
  };
  return typeof errno === "number" && typeof sqlState === "string" && fatal !== true ? errno : undefined;
}

/**
 * The server refused and rolled back. Not so if it ends the connection or is shutting down (1053, 1152 …).
 */
export function isRefused(error: unknown): boolean {
  const number = numberOf(error);
  return number !== undefined && ![1053, 1152, 1158, 1159, 1160, 1161, 1927].includes(number);
}

export function toFailure(what: string, cause: unknown, written?: false): IntermissionError {
  if (isIntermissionError(cause)) return cause;
  return storeFailed(`The MySQL store ${what}`, cause, remedyFor(cause), written);
}

function remedyFor(cause: unknown): string {
  const reason = cause instanceof Error ? cause.message : "";
  if (/altnames/i.test(reason)) {
    return "The server's certificate is for another host: name that host, or verify the CA alone with ?ssl-mode=VERIFY_CA.";
  }
  if (/certificate|self.signed/i.test(reason)) {
    return "The server's certificate can't be verified: name its CA with ?ssl-ca=FILE, or encrypt without verifying it with ?ssl-mode=REQUIRED.";
  }
  if (/secure connection|insecure transport/i.test(reason)) {
    return /does not support/i.test(reason)
      ? "The server has no TLS: turn it on there, or use ?ssl-mode=DISABLED."
      : "Add ?ssl-mode=REQUIRED: the server asks for TLS.";
  }
  switch (cause instanceof Error && "errno" in cause ? cause.errno : undefined) {
    case 1044:
      return "Grant the user rights in the database that the store's URL names: `intermission migrate --print-grants` prints them.";
    case 1045:
      return "Check the user, the password and the database in the store's URL. A user who must come with TLS needs ?ssl-mode=REQUIRED, and with a certificate ?ssl-cert=FILE&ssl-key=FILE.";
    case 1049:
    case 1698:
      return "Check the user, the password and the database in the store's URL.";
    case 1040:
    case 1203:
    case 1226:
      return "Close connections that nothing uses, or allow more of them.";
    case 1046:
      return "Name a database in the pool's options.";
    case 1142:
      return "Run `intermission migrate` as a user who may create tables, then grant select (and, to the deploy's user, insert and update) on the table intermission. `intermission migrate --print-grants` prints all that is needed.";
    case 1205:
    case 1969:
    case 3024:
      return "Check that nothing holds a lock on the table intermission.";
    default:
      return readOnly.has(Number((cause as { readonly errno?: unknown } | undefined)?.errno))
        ? "Name the server that may be written: this one is a replica."
        : "Check that the server is running and can be reached from here.";
  }
}
