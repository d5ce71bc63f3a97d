import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

// USER_HZ: the unit of times in /proc, see proc(5).
const tick = 1 / Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** User and system time of a process so far. Seconds. */
export function processTime(pid) {
  const fields = statFields(pid);
  return (fields[11] + fields[12]) * tick;
}

/** The same of a process and all its children, including ended ones. */
export function treeTime(pid) {
  const fields = statFields(pid);
  const own = (fields[11] + fields[12] + fields[13] + fields[14]) * tick;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return children === "" ? own : children.split(" ").reduce((sum, child) => sum + processTime(child), own);
}

/**
 * Processor time of a server with all its processes so far. Seconds, to the microsecond: the ticks of
 * `/proc/<pid>/stat` are too coarse if hundreds of processes use little each. Ended processes are left out.
 */
export function serverTime(pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
  return [pid, ...children].reduce((sum, process) => sum + preciseTime(process), 0);
}

/** Of one process, with all its threads. */
export function preciseTime(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .map(
        (task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ", 1)[0]) / 1e9,
      )
      .reduce((sum, seconds) => sum + seconds, 0);
  } catch {
    return 0;
  }
}

/** The machine's work so far. Seconds, over all processors. */
export function machineTime() {
  const [user, nice, system, idle, waiting, interrupts, softInterrupts, steal] = readFileSync(
    "/proc/stat",
    "utf8",
  )
    .split("\n", 1)[0]
    .split(/\s+/)
    .slice(1)
    .map((ticks) => Number(ticks) * tick);
  const busy = user + nice + system + interrupts + softInterrupts;
  const own = statFields(process.pid);
  return {
    steal,
    busy,
    total: busy + idle + waiting + steal,
    // This process and its ended children, such as wrk.
    own: (own[11] + own[12] + own[13] + own[14]) * tick,
  };
}

/** From proc(5)'s third field on: the second is a name that may contain spaces. */
function statFields(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return text
    .slice(text.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
}

export function describeMachine() {
  const model = cpus()[0]?.model ?? "unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} processors (${model}), ${memory} GiB, Linux, load ${loadavg()[0].toFixed(2)} at the start`;
}
