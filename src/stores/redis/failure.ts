import { isIntermissionError, reasonOf, type IntermissionError } from "../../core/errors.ts";
import { storeFailed } from "../shared/failure.ts";

export function toFailure(what: string, cause: unknown): IntermissionError {
  if (isIntermissionError(cause)) return cause;
  return storeFailed(`The Redis store ${what}`, cause, remedyFor(reasonOf(cause), codeOf(cause)));
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && "code" in cause ? cause.code : undefined;
}

function remedyFor(reason: string, code: unknown): string {
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return "The server's certificate is for another host: name that host, or verify the CA alone with ?sslmode=verify-ca.";
  }
  if (code === "CERT_HAS_EXPIRED") return "The server's certificate has expired: renew it.";
  if (/self-signed certificate|unable to (?:verify|get)[^:]* certificate/i.test(reason)) {
    return "The server's certificate can't be verified: name its CA with ?sslrootcert=FILE, or encrypt without verifying it with ?sslmode=no-verify.";
  }
  if (/^(?:WRONGPASS|NOAUTH)|invalid password/i.test(reason)) {
    return "Check the user and the password in the store's URL.";
  }
  if (reason.includes("NOPERM")) {
    return "Allow the user eval, hget, hset, time, publish, subscribe, client and select, the keys intermission:* and the channel intermission.";
  }
  if (reason.includes("max number of clients")) {
    return "Close connections that nothing uses, or raise maxclients.";
  }
  if (/EPIPE|ECONNRESET|Connection is closed/.test(reason)) {
    return "Check that the server is running, can be reached from here, and takes more connections (maxclients).";
  }
  if (reason.includes("OOM")) return "Raise maxmemory, or make room.";
  if (reason.includes("BUSY")) return "Wait for the script that runs there, or end it with SCRIPT KILL.";
  if (reason.includes("READONLY")) return "Name the server that may be written: this one is a replica.";
  if (/WRONGTYPE|not a record/.test(reason))
    return "Something else uses the key: name another app or database.";
  return "Check that the server is running and can be reached from here.";
}
