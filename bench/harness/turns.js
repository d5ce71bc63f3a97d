import { setTimeout } from "node:timers/promises";
import { openConnections } from "./client.js";
import { preciseTime } from "./machine.js";
import { startServer } from "./server.js";

const connections = 16;
/** A server's processor time per turn. Milliseconds. */
const turn = 60;
/**
 * Timers that came due while a server was stopped run before its turn. In the turn they would count for all the
 * time in which others had theirs. Milliseconds.
 */
const overdue = 20;

/**
 * What requests cost several servers, in µs of processor time of the whole process. The servers take turns of
 * milliseconds, so that slow spells of the machine affect all alike; waiting ones are stopped, so that none
 * collects garbage or forgets compiled code. Each round has new processes.
 *
 * @param sides By name: the arguments of `startServer`, and the `status` of every answer.
 * @param warm Milliseconds of processor time before its turns count.
 * @returns By name: rounds of turns of µs a request.
 */
export async function measureTurns(sides, { path, headers = {} }, { rounds, turns, warm, folder }) {
  const costs = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  const names = Object.keys(sides);
  for (let round = 0; round < rounds; round++) {
    const runners = [];
    try {
      for (const name of names) {
        runners.push(await startRunner(sides[name], { path, headers }, folder));
        costs[name].push([]);
      }
      const unmeasured = Math.ceil(warm / turn);
      for (let index = -unmeasured; index < turns; index++) {
        for (const at of orderOf(names.length, index)) {
          const cost = await runners[at].takeTurn();
          if (index >= 0) costs[names[at]][round].push(cost);
        }
      }
    } finally {
      for (const runner of runners) await runner.stop();
    }
  }
  return costs;
}

/** No side always follows the same other. */
function orderOf(count, index) {
  const places = Array.from({ length: count }, (_, place) => (place + Math.abs(index)) % count);
  return index % 2 === 0 ? places : places.toReversed();
}

async function startRunner({ status, ...side }, { path, headers }, folder) {
  const server = await startServer(side, folder);
  const { port, host } = new URL(server.url);
  const fields = Object.entries({ Host: host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\n${fields.join("")}\r\n`, "latin1");
  const client = await openConnections(port, request, status, connections).catch(async (error) => {
    await server.stop();
    throw error;
  });
  let requests = 200;
  process.kill(server.pid, "SIGSTOP");
  return {
    /** µs a request. */
    async takeTurn() {
      process.kill(server.pid, "SIGCONT");
      await setTimeout(overdue);
      const before = preciseTime(server.pid);
      await client.send(requests);
      const cost = ((preciseTime(server.pid) - before) * 1e6) / requests;
      process.kill(server.pid, "SIGSTOP");
      requests = Math.max(100, Math.round((turn * 1000) / cost));
      return cost;
    },
    async stop() {
      client.close();
      await server.stop();
    },
  };
}
