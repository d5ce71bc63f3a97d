import { isIntermissionError, type IntermissionError } from "../../core/errors.ts";
import { storeFailed } from "../shared/failure.ts";

/** SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
export const undefinedTable = "42P01";
/** `create table if not exists` fails with one of these when another creates it at the same moment. */
export const createdMeanwhile: ReadonlySet<string> = new Set(["23505", "42P07", "42710"]);

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

export function toFailure(what: string, cause: unknown): IntermissionError {
  if (isIntermissionError(cause)) return cause;
  return storeFailed(`The PostgreSQL store ${what}`, cause, remedyFor(codeOf(cause)));
}

function remedyFor(code: string | undefined): string {
  switch (code) {
    case "28P01":
    case "28000":
    case "3D000":
      return "Check the user, the password and the database in the store's URL.";
    case "42501":
      return "Run `intermission migrate` as a user who may create tables, then grant select, insert and update on the table intermission.";
    case "25006":
      return "Name the server that may be written: this one is a replica, or lets this user only read.";
    case "53300":
      return "Close connections that nothing uses, or allow more of them.";
    case "57014":
      return "Check that nothing holds a lock on the table intermission.";
    default:
      return "Check that the server is running and can be reached from here.";
  }
}
