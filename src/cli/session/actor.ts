import { hostname, userInfo } from "node:os";
import { printable } from "../terminal/printable.ts";

const maximumLength = 64;

/** Who runs the command line, for the history: `deploy@runner-7`. Printable, at most 64 characters. */
export function actor(read: () => string = readActor): string {
  return Array.from(printable(read()).trim()).slice(0, maximumLength).join("");
}

function readActor(): string {
  return `${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a number without a user name.
    return String(process.getuid?.() ?? "unknown");
  }
}
