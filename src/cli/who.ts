import { hostname, userInfo } from "node:os";

const longest = 64;

/** Who runs the command and where, such as `deploy@runner-7`: printable, at most 64 characters. */
export function whoAmI(): string {
  const text = `${userName()}@${hostname()}`.replace(/[^\p{L}\p{N}\p{P}\p{S}]/gu, "");
  return Array.from(text).slice(0, longest).join("");
}

/** A container's user may have a number and no name. */
function userName(): string {
  try {
    const { username, uid } = userInfo();
    return username === "" ? String(uid) : username;
  } catch {
    return "unknown";
  }
}
