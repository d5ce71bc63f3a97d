import { machineTime, processTime } from "./machine.js";
import { runWrk } from "./wrk.js";

/**
 * One run of wrk against a server. `rate`: requests a second. `cost`: microseconds of processor time that the server
 * used for a request. `steal` and `others`: the shares of the machine that were not ours: taken by the host, and used
 * by other processes.
 */
export async function load(server, path, seconds, request) {
  const machineBefore = machineTime();
  const before = processTime(server.pid);
  const { requests, rate } = await runWrk(server.url + path, seconds, request);
  const used = processTime(server.pid) - before;
  const machine = machineTime();
  const total = machine.total - machineBefore.total;
  const others = machine.busy - machineBefore.busy - used - (machine.own - machineBefore.own);
  return {
    rate,
    cost: (used / requests) * 1e6,
    steal: (machine.steal - machineBefore.steal) / total,
    others: Math.max(0, others) / total,
  };
}
