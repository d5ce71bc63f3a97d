import { spawn } from "node:child_process";
import { once } from "node:events";
import { endWithUs } from "../harness/children.js";
import { load, summarise } from "../harness/load.js";
import { writePage } from "../harness/prepared-page.js";
import { prepareReleases } from "../harness/releases.js";
import { startServer } from "../harness/server.js";
import { median } from "../harness/statistics.js";
import { browserHeaders } from "../harness/wrk.js";

export const name = "error-backend";
export const about =
  "intermission serve: decisions a second in one process, next to a prepared 503 of node:http";

const startLimit = 15_000;
const targets = { rate: 10_000, p99: 10 };
const failed = { ...browserHeaders, "X-Original-Status": "500", "X-Original-URI": "/orders/7?page=2" };

export async function measure({ pairs, seconds, folder, say }) {
  const { mismatch } = await prepareReleases(folder);
  const { file, length } = await writePage(folder);
  const serve = await startServe(mismatch);
  const bare = await startServer({ app: "node-prepared", environment: { PAGE_FILE: file } }, folder);
  const subjects = [
    ["/decide: the page", serve, "/decide", { ...failed, "X-Upstream-Release": "v1.0" }, true],
    ["/decide: pass", serve, "/decide", { ...failed, "X-Upstream-Release": "v1.1" }, false],
    ["/decide: pass, without a release", serve, "/decide", failed, false],
    ["/error: a regular error", serve, "/error", { ...failed, "X-Upstream-Release": "v1.1" }, true],
    ["node:http: a prepared 503", bare, "/", browserHeaders, true],
  ];
  const runs = new Map(subjects.map(([title]) => [title, []]));
  try {
    for (const [, server, path, headers, failing] of subjects)
      await load(server, path, 2, { headers, failing });
    for (let round = 0; round < pairs; round++) {
      for (const [title, server, path, headers, failing] of subjects) {
        runs.get(title).push(await load(server, path, seconds, { headers, failing }));
      }
      say(`round ${round + 1}`);
    }
  } finally {
    await Promise.all([serve.stop(), bare.stop()]);
  }
  return {
    columns: ["answer", "answers/s", "p99, ms", "CPU µs an answer", "not ours", "target", "reached"],
    rows: subjects.map(([title, server]) => toRow(title, runs.get(title), server === serve)),
    figures: Object.fromEntries(runs),
    notes: [
      `One process, its store SQLite; wrk with 50 connections on the same machine's other processor. ${pairs} rounds of ${seconds} s, one after the other; medians. Not ours: the largest share of the machine that went to the host or to other processes in a round; what it takes from a round, answers and p99 lose. The page and the prepared 503 have the same ${length} bytes.`,
    ],
  };
}

function toRow(title, runs, counts) {
  const rate = median(runs.map(({ requests, duration }) => requests / duration));
  const p99 = median(runs.map((run) => run.p99));
  const { cost } = summarise(runs);
  const disturbance = Math.max(...runs.map((run) => summarise([run]).disturbance));
  const reached = rate >= targets.rate && p99 < targets.p99;
  return [
    title,
    rate.toFixed(0),
    p99.toFixed(1),
    cost.toFixed(1),
    `${(100 * disturbance).toFixed(0)} %`,
    counts ? `>= ${targets.rate}, p99 < ${targets.p99}` : "",
    counts ? (reached ? "yes" : "no") : "",
  ];
}

/** As people start it, on free ports. */
async function startServe(environment) {
  const words = ["dist/cli/main.js", "serve", "--listen", "0", "--control", "0", "--json"];
  const child = spawn(process.execPath, words, {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ["ignore", "pipe", "ignore"],
  });
  endWithUs(child);
  const ended = once(child, "exit");
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (said += text));
  const signal = AbortSignal.timeout(startLimit);
  while (!said.endsWith("}\n")) await once(child.stdout, "data", { signal });
  return {
    url: JSON.parse(said).errors,
    pid: child.pid,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
