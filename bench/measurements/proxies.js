import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { join, resolve } from "node:path";
import { createIntermission } from "intermission";
import { sqliteStore } from "intermission/stores/sqlite";
import { endWithUs } from "../harness/children.js";
import { success } from "../harness/expectations.js";
import { findFreePort } from "../harness/free-port.js";
import { machineTime, serverTime } from "../harness/machine.js";
import { comparisons, isInstalled, startProxy } from "../harness/proxies.js";
import { startServer } from "../harness/server.js";
import { median, range } from "../harness/statistics.js";
import { runWrk } from "../harness/wrk.js";

export const name = "proxies";
export const about = "A success through a reverse proxy, with the recipe of deploy/ and without";

const root = resolve(import.meta.dirname, "../..");
const command = join(root, "dist/cli/main.js");
const warmUp = 1;
/** So that no proxy answers from its cache. */
const request = { headers: { Cookie: "a=b" } };

export async function measure(options) {
  const rows = [];
  const figures = [];
  for (const state of ["no deploy", "in a deploy"]) {
    const stage = await prepare(options.folder, state);
    try {
      for (const comparison of comparisons) {
        if (!(comparison.states ?? ["no deploy"]).includes(state)) continue;
        const title = `${comparison.title}, ${state}`;
        if (!isInstalled(comparison)) {
          options.say(`${title}: not installed`);
          continue;
        }
        options.say(title);
        const pairs = await measurePairs(comparison, stage, options);
        figures.push({ title, pairs });
        rows.push(toRow(title, pairs));
      }
    } finally {
      await stage.stop();
    }
  }
  return {
    columns: [
      "compared",
      "CPU µs a request with",
      "without",
      "difference",
      "differences of the pairs",
      "requests/s with",
      "without",
      "stolen by the host",
    ],
    rows,
    figures,
    notes: [
      "CPU: user and system time of the proxy with all its processes, medians of the pairs. The app is bench/apps/node-plain.js on the same machine, as are serve and wrk: the CPU counts, the requests a second say more about the machine. In a deploy: the current release is another one for some seconds, so that errors are intercepted, and successes still go past.",
    ],
  };
}

function toRow(title, pairs) {
  const of = (side, figure) => median(pairs.map((pair) => pair[side][figure]));
  const differences = pairs.map((pair) => pair.with.cost - pair.without.cost);
  return [
    title,
    of("with", "cost").toFixed(1),
    of("without", "cost").toFixed(1),
    median(differences).toFixed(1),
    range(differences, 1),
    of("with", "rate").toFixed(0),
    of("without", "rate").toFixed(0),
    `${(100 * Math.max(...pairs.map(({ stolen }) => stolen))).toFixed(0)} %`,
  ];
}

/** Both proxies at once, loaded in alternate seconds. */
async function measurePairs(comparison, { ports }, { pairs, seconds, folder, say }) {
  const measured = [];
  for (let pair = 0; pair < pairs; pair++) {
    const order = pair % 2 === 0 ? [true, false] : [false, true];
    const sides = new Map();
    try {
      for (const withRecipe of order) {
        const place = join(folder, `${comparison.server}-${process.hrtime.bigint()}`);
        sides.set(withRecipe, { proxy: await startProxy(comparison, withRecipe, place, ports), runs: [] });
      }
      for (const { proxy } of sides.values()) {
        await success(`${proxy.url}/`);
        await runWrk(`${proxy.url}/`, warmUp, request);
      }
      for (let turn = 0; turn < seconds; turn++) {
        for (const withRecipe of turn % 2 === 0 ? order : order.toReversed()) {
          const { proxy, runs } = sides.get(withRecipe);
          runs.push(await loadOnce(proxy));
        }
      }
    } finally {
      for (const { proxy } of sides.values()) await proxy.stop();
    }
    const result = {
      with: summarise(sides.get(true).runs),
      without: summarise(sides.get(false).runs),
    };
    result.stolen = Math.max(result.with.stolen, result.without.stolen);
    measured.push(result);
    say(
      `with ${result.with.cost.toFixed(1)} µs, without ${result.without.cost.toFixed(1)} µs, steal ${(result.stolen * 100).toFixed(0)} %`,
    );
  }
  return measured;
}

async function loadOnce({ url, pid }) {
  const machineBefore = machineTime();
  const before = serverTime(pid);
  const { requests, duration } = await runWrk(`${url}/`, 1, request);
  const used = serverTime(pid) - before;
  const machine = machineTime();
  return {
    requests,
    duration,
    used,
    steal: machine.steal - machineBefore.steal,
    total: machine.total - machineBefore.total,
  };
}

function summarise(runs) {
  const sum = (figure) => runs.reduce((total, run) => total + run[figure], 0);
  return {
    rate: sum("requests") / sum("duration"),
    cost: (sum("used") / sum("requests")) * 1e6,
    stolen: sum("steal") / sum("total"),
  };
}

/** An app, and a serve that knows one release, or has just heard of a second. */
async function prepare(folder, state) {
  // Apache's workers run as another user.
  chmodSync(folder, 0o755);
  const path = join(folder, "state.db");
  const store = sqliteStore({ path });
  const logger = { warn() {}, error() {} };
  const intermission = createIntermission({ store, refreshEvery: 0, logger });
  await intermission.createRelease("v1.0", { wait: false });
  if (state === "in a deploy") await intermission.createRelease("v1.1", { wait: false });
  await intermission.close();
  await store.close();
  const app = await startServer({ app: "node-plain" }, folder);
  const ports = {
    app: new URL(app.url).port,
    errors: await findFreePort(),
    control: await findFreePort(),
    published: join(folder, "published"),
  };
  const words = ["serve", "--listen", ports.errors, "--control", ports.control, "--publish", ports.published];
  const serve = spawn(
    process.execPath,
    [command, ...words.map(String), "--store", `sqlite:${path}`, "--json"],
    {
      cwd: folder,
      env: { PATH: process.env.PATH },
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  endWithUs(serve);
  const ended = once(serve, "exit");
  await once(serve.stdout, "data");
  return {
    ports,
    async stop() {
      serve.kill("SIGKILL");
      await ended;
      await app.stop();
    },
  };
}
