import { setTimeout as pause } from "node:timers/promises";
import { serverTime } from "../harness/machine.js";
import { startPostgres } from "../harness/postgres.js";
import { startRedis } from "../harness/redis.js";
import { percentile } from "../harness/statistics.js";
import { startFleet } from "../scale/fleet.js";
import { countConnections, endConnections } from "../scale/connections.js";

export const name = "scale";
export const about = "What 1,000 instances cost one server, at rest, at a deploy and in a storm of errors";

const instances = 1000;
const processes = 4;
/** Milliseconds. */
const rest = 22_000;
const storm = 10_000;
/** An even number, so that the releases match again in the end. */
const deploys = 6;
/** Between two errors of an instance: more often than it may read. */
const errorEvery = 250;

export async function measure({ say }) {
  const rows = [];
  const figures = {};
  for (const { title, start } of servers) {
    const server = await start();
    try {
      const fleet = await startFleet({ url: server.url, instances, processes });
      try {
        const connections = await countConnections(server.url);
        say(`${title}: ${connections} connections`);
        const account = accountant(server.pid, fleet);
        for (const [phase, run] of [
          ["at rest", atRest],
          ["at a deploy", atDeploys],
          ["in a storm", inStorm],
          ["at a deploy in a storm", atDeployInStorm],
          ["all connections lost", () => afterLoss(server.url, fleet)],
        ]) {
          const figure = await account((reset) => run(fleet, reset));
          figures[`${title}, ${phase}`] = summary(figure);
          rows.push(toRow(title, phase, await countConnections(server.url), figure));
          say(rows.at(-1).join(" | "));
        }
      } finally {
        await fleet.stop();
      }
    } finally {
      await server.stop();
    }
  }
  return {
    columns: [
      "store",
      "phase",
      "connections",
      "reads",
      "failed",
      "reads/s",
      "server CPU, % of one processor",
      "server CPU a read, µs",
      "read, ms: p50",
      "p99",
      "max",
      "knew after, ms: p50",
      "p99",
      "last",
    ],
    rows,
    figures,
    notes: [
      `${instances} intermissions in ${processes} processes of ${instances / processes}, each with a store by URL and connections of its own; all defaults. At rest: ${rest / 1000} s. At a deploy: ${deploys} writes, each told to all at once; the reads a second are those of the time until the last instance knew. In a storm: an error in each instance every ${errorEvery} ms for ${storm / 1000} s, while the releases match, so that each may ask the store once a second. A read fails after 1 s.`,
      "The instances share the machine with the server, so the times hold what 1,000 instances cost as well: on machines of their own they know sooner. The server's processor time is that of all its processes, from `/proc/<pid>/task/*/schedstat`; at a deploy it holds what the notices cost.",
      "All connections lost: the server ends them all at once; it knew again when its first read after that was answered. A read that fails meanwhile is asked again after a second.",
    ],
  };
}

const servers = [
  {
    title: "PostgreSQL",
    async start() {
      const server = await startPostgres({ log_statement: "none", max_connections: 1200 });
      return { ...server, url: server.urlFor("intermission") };
    },
  },
  { title: "Redis", start: startRedis },
];

/** Runs a phase, and returns its cost; `reset` within it restarts the count. */
function accountant(pid, fleet) {
  return async (phase) => {
    let before;
    const reset = async () => {
      before = { ...(await fleet.count()), time: serverTime(pid), at: performance.now() };
    };
    await reset();
    const result = await phase(reset);
    const seconds = (performance.now() - before.at) / 1000;
    const processor = serverTime(pid) - before.time;
    const { answered, failed, milliseconds } = await fleet.count();
    const reads = answered - before.answered;
    return { seconds, processor, reads, failed: failed - before.failed, milliseconds, ...result };
  };
}

async function atRest(_, reset) {
  // Once around, so that the effects of the start are over.
  await pause(11_000);
  await reset();
  await pause(rest);
}

async function atDeploys(fleet) {
  const times = [];
  let busy = 0;
  for (let deploy = 0; deploy < deploys; deploy++) {
    const answer = await fleet.deploy();
    if (answer.missing > 0) throw new Error(`${answer.missing} instances never knew`);
    busy += Math.max(...answer.times) / 1000;
    times.push(...answer.times);
    await pause(200);
  }
  return { times, busy };
}

async function inStorm(fleet) {
  return { waits: await fleet.storm(storm, errorEvery) };
}

async function atDeployInStorm(fleet) {
  const raging = fleet.storm(storm / 2, errorEvery);
  await pause(storm / 4);
  const { times, missing } = await fleet.deploy();
  if (missing > 0) throw new Error(`${missing} instances never knew`);
  return { times, waits: await raging };
}

/** Ends all connections at once, as when a server restarts; until every instance has read again. */
async function afterLoss(url, fleet) {
  const known = fleet.readAgain(30_000);
  await endConnections(url);
  const { times, missing } = await known;
  // Ended ones no longer count, if each connection is a process.
  return { times: [...times, ...Array.from({ length: missing }, () => Infinity)], processor: undefined };
}

/** Without the single figures, of which there are thousands. */
function summary({ seconds, processor, reads, failed, waits }) {
  return { seconds, processor, reads, failed, ...(waits === undefined ? {} : { waits: percentiles(waits) }) };
}

function toRow(title, phase, connections, { seconds, processor, reads, failed, milliseconds, times, busy }) {
  const known = times === undefined ? ["", "", ""] : percentiles(times);
  return [
    title,
    phase,
    String(connections),
    String(reads),
    String(failed),
    (reads / (busy ?? seconds)).toFixed(0),
    ...(processor === undefined
      ? ["", ""]
      : [((100 * processor) / (busy ?? seconds)).toFixed(1), ((processor / reads) * 1e6).toFixed(0)]),
    ...percentiles(milliseconds),
    ...known,
  ];
}

function percentiles(numbers) {
  return [0.5, 0.99, 1].map((share) => percentile(numbers, share).toFixed(1));
}
