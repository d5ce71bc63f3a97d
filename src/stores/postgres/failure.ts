import { isIntermissionError, type IntermissionError } from "../../core/errors.ts";
import { storeFailed, wasNeverSent } from "../shared/failure.ts";

/** SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
export const undefinedTable = "42P01";
/** `create … if not exists` fails with one of these if another creates it at the same moment. */
export const createdMeanwhile: ReadonlySet<string> = new Set(["23505", "42P06", "42P07", "42710"]);

const readOnly = "25006";

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

export function toFailure(what: string, cause: unknown, written?: false): IntermissionError {
  if (isIntermissionError(cause)) return cause;
  return storeFailed(`The PostgreSQL store ${what}`, cause, remedyFor(cause), written);
}

export function toWriteFailure(cause: unknown): IntermissionError {
  return toFailure(
    "could not be written",
    cause,
    isRefused(cause) || wasNeverSent(cause) ? false : undefined,
  );
}

/** The error of a write on a replica, detected without an error in the server's log. */
export function replicaRefuses(): Error {
  return Object.assign(new Error("the server is a replica, which can't be written"), { code: readOnly });
}

/**
 * The server refused and rolled back. Not so if it ends the connection, which it may do after a commit (class
 * 08, 57P0x), nor if it says that it does not know (40003).
 */
function isRefused(error: unknown): boolean {
  const code = codeOf(error) ?? "";
  if (code === readOnly) return true;
  const isAnswer = error instanceof Error && "severity" in error && /^[0-9A-Z]{5}$/.test(code);
  return isAnswer && !/^(?:08|57P|40003)/.test(code);
}

function remedyFor(cause: unknown): string {
  const reason = cause instanceof Error ? cause.message : "";
  switch (codeOf(cause)) {
    case "28000":
      if (/valid client certificate/i.test(reason))
        return "The server asks for a certificate of this user: name it with ?sslcert=FILE&sslkey=FILE.";
      if (/no encryption|SSL off/i.test(reason)) return "Add ?sslmode=require: the server asks for TLS.";
      return "Check the user, the password and the database in the store's URL.";
    case "28P01":
    case "3D000":
      return "Check the user, the password and the database in the store's URL.";
    case "42501":
      return `Run \`intermission migrate\` as a user who may create tables, then grant ${missingRight(reason)}. \`intermission migrate --print-grants\` prints all that is needed.`;
    case readOnly:
      return "Name the server that may be written: this one is a replica, or lets this user only read.";
    case "53300":
      return "Close connections that nothing uses, or allow more of them.";
    case "57014":
      return "Check that nothing holds a lock on the table intermission.";
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
      return "The server's certificate can't be verified: name its CA with ?sslrootcert=FILE, or encrypt without verifying it with ?sslmode=require.";
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return "The server's certificate is for another host: name that host, or verify the CA alone with ?sslmode=verify-ca.";
    case "CERT_HAS_EXPIRED":
      return "The server's certificate has expired: renew it.";
    default:
      if (reason.includes("does not support SSL"))
        return "The server has no TLS: use ?sslmode=disable, or turn TLS on there.";
      return "Check that the server is running and can be reached from here.";
  }
}

/** From PostgreSQL's own message, which names what the user may not touch. */
function missingRight(reason: string): string {
  const [, kind, name] = /permission denied for (\w+) (\S+)/.exec(reason) ?? [];
  if (kind === "schema") return `usage (and, to who runs migrate, create) on the schema ${name ?? ""}`;
  if (kind === "database") return `create on the database ${name ?? ""}`;
  if (name === "intermission_report")
    return "select, insert, update and delete on the table intermission_report";
  return `select (and, to the deploy's user, insert and update) on the table ${name ?? "intermission"}`;
}
