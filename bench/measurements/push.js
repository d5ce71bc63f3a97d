import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startPostgres } from "../harness/postgres.js";
import { startRedis } from "../harness/redis.js";
import { percentile } from "../harness/statistics.js";
import { startFleet } from "../scale/fleet.js";

export const name = "push";
export const about = "How long after a write the last of 50 instances answers errors by it";

const instances = 50;
const processes = 5;

export async function measure({ folder, say }) {
  const rows = [];
  const figures = {};
  for (const { title, start, writes, target } of stores(folder)) {
    const server = await start();
    try {
      const { last, all } = await measureOne(server.url, writes);
      say(`${title}: ${toText(last)}`);
      rows.push([
        title,
        String(writes),
        ...[0.5, 0.99, 1].map((share) => percentile(last, share).toFixed(1)),
        percentile(all, 0.5).toFixed(1),
        `p99 < ${target}`,
        percentile(last, 0.99) < target ? "yes" : "no",
      ]);
      figures[title] = { last };
    } finally {
      await server.stop();
    }
  }
  return {
    columns: ["store", "writes", "p50, ms", "p99", "max", "p50 of any instance", "target", "reached"],
    rows,
    figures,
    notes: [
      `${instances} intermissions in ${processes} processes, each with a store by URL and connections of its own; the deploy writes from another process, now one release, now the other, after pauses of 50 to 550 ms. From before the write is sent until the verdict of an instance has changed, by the one monotonic clock of the machine; what counts is the last of the ${instances}.`,
    ],
  };
}

function stores(folder) {
  const quiet = { log_statement: "none" };
  return [
    {
      title: "PostgreSQL",
      writes: 120,
      target: 50,
      async start() {
        const server = await startPostgres(quiet);
        return { url: server.urlFor("intermission"), stop: server.stop };
      },
    },
    { title: "Redis", writes: 120, target: 50, start: startRedis },
    {
      title: "SQLite",
      writes: 40,
      target: 1000,
      start: async () => ({ url: `sqlite:${join(folder, "push.db")}`, async stop() {} }),
    },
  ];
}

async function measureOne(url, writes) {
  const fleet = await startFleet({ url, instances, processes });
  const last = [];
  const all = [];
  try {
    for (let write = 0; write < writes; write++) {
      await pause(50 + 500 * Math.random());
      const { times, missing } = await fleet.deploy();
      if (missing > 0) throw new Error(`${missing} instances never knew`);
      last.push(Math.max(...times));
      all.push(...times);
    }
  } finally {
    await fleet.stop();
  }
  return { last, all };
}

function toText(last) {
  return [0.5, 0.99, 1].map((share) => `${percentile(last, share).toFixed(1)} ms`).join(", ");
}
