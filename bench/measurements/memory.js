import { success } from "../harness/expectations.js";
import { processMemory } from "../harness/memory.js";
import { prepareReleases } from "../harness/releases.js";
import { sendRequests } from "../harness/requests.js";
import { startServer } from "../harness/server.js";
import { median, range } from "../harness/statistics.js";

export const name = "memory";
export const about = "Memory of an Express instance with Intermission, over one without";

const target = 3;
const requests = 20_000;

export async function measure({ pairs, folder, say }) {
  const { match } = await prepareReleases(folder);
  const memoryStore = { MAINTENANCE_STORE: "memory:", MAINTENANCE_PAGE_RELEASE: "v1.1" };
  const rows = [];
  const figures = [];
  for (const [title, environment] of [
    ["store in the process (memory:)", memoryStore],
    ["store in a file (sqlite:, with the package libsql on Node 20)", match],
  ]) {
    const sides = {
      with: { app: "express-page", environment, nodeOptions: ["--expose-gc"] },
      without: { app: "express-plain", nodeOptions: ["--expose-gc"] },
    };
    const measured = [];
    for (let round = 0; round < pairs; round++) {
      const order = round % 2 === 0 ? ["with", "without"] : ["without", "with"];
      const pair = {};
      for (const side of order) pair[side] = await measureOne(sides[side], folder);
      measured.push(pair);
      say(`${title}: resident ${inMebibytes(added(pair, "resident"))} MiB`);
    }
    rows.push(toRow(title, measured));
    figures.push({ title, pairs: measured });
  }
  return {
    columns: [
      "Express 5 with Intermission",
      "MiB resident with",
      "without",
      "added",
      "range",
      "added, not shared with other processes",
      "added to the heap",
      "pairs",
      "target",
      "reached",
    ],
    rows,
    figures,
    notes: [
      `After ${requests} requests over 50 connections and forced garbage collections, at idle. Medians; added: the median of the pairs' differences.`,
    ],
  };
}

async function measureOne(side, folder) {
  const server = await startServer(side, folder);
  try {
    await success(server.url);
    await sendRequests(server.url, requests);
    const { heapUsed } = await server.collect();
    return { ...processMemory(server.pid), heapUsed };
  } finally {
    await server.stop();
  }
}

function toRow(title, measured) {
  const side = (name, figure) => median(measured.map((pair) => pair[name][figure]));
  const differences = (figure) => measured.map((pair) => added(pair, figure));
  const resident = median(differences("resident"));
  return [
    title,
    inMebibytes(side("with", "resident")),
    inMebibytes(side("without", "resident")),
    inMebibytes(resident),
    range(
      differences("resident").map((bytes) => bytes / 2 ** 20),
      1,
    ),
    inMebibytes(median(differences("own"))),
    inMebibytes(median(differences("heapUsed"))),
    String(measured.length),
    `< ${target}`,
    resident < target * 2 ** 20 ? "yes" : "no",
  ];
}

function added(pair, figure) {
  return pair.with[figure] - pair.without[figure];
}

function inMebibytes(bytes) {
  return (bytes / 2 ** 20).toFixed(2);
}
