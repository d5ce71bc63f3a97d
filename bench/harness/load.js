import { machineTime, processTime } from "./machine.js";
import { runWrk } from "./wrk.js";

/**
 * One run of wrk against a server. `used`: the server's processor time in seconds. `steal` and `others`: the
 * machine's seconds taken by the host and by other processes, out of `total`.
 */
export async function load(server, path, seconds, request) {
  const machineBefore = machineTime();
  const before = processTime(server.pid);
  const { requests, duration, p99 } = await runWrk(server.url + path, seconds, request);
  const used = processTime(server.pid) - before;
  const machine = machineTime();
  const others = machine.busy - machineBefore.busy - used - (machine.own - machineBefore.own);
  return {
    requests,
    duration,
    p99,
    used,
    steal: machine.steal - machineBefore.steal,
    others: Math.max(0, others),
    total: machine.total - machineBefore.total,
  };
}

/**
 * Over several runs: `rate`, the requests a second; `cost`, the server's processor time per request in
 * microseconds; `disturbance`, the share of the machine that was not ours.
 */
export function summarise(runs) {
  const sum = (figure) => runs.reduce((total, run) => total + run[figure], 0);
  return {
    rate: sum("requests") / sum("duration"),
    cost: (sum("used") / sum("requests")) * 1e6,
    disturbance: Math.max(sum("steal"), sum("others")) / sum("total"),
  };
}
