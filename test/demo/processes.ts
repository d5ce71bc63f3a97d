import { readFileSync } from "node:fs";

/** Whether the process still runs. A zombie does not. */
export function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
  } catch {
    return false;
  }
  if (process.platform !== "linux") return true;
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${String(processId)}/stat`, "utf8"));
  } catch {
    return false;
  }
}
