import { readFileSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { accepts } from "../harness/accepts.js";
import { endWithUs } from "../harness/children.js";
import { findFreePort } from "../harness/free-port.js";
import { serverTime } from "../harness/machine.js";
import { processMemory } from "../harness/memory.js";
import { startNginx } from "../harness/nginx.js";
import { prepareReleases } from "../harness/releases.js";
import { startServer } from "../harness/server.js";
import { median } from "../harness/statistics.js";
import { idle, requests, upHalfWay, visitFor } from "../harness/visitors.js";

export const name = "gateway";
export const about = "The gateway, next to other proxies before the same upstream";

/**
 * The total time limit, however slow the machine is: whatever is not measured by then is left out.
 * Milliseconds.
 */
const longest = 330_000;
const mostRounds = 3;
const warmUp = 1;
const mostSeconds = 2;
const cli = resolve(import.meta.dirname, "../../dist/cli/main.js");

/** A process that does not say where it listens. */
async function startProgram(command, words, port, environment = {}) {
  const child = spawn(command, words, {
    env: { PATH: process.env.PATH, ...environment },
    stdio: "ignore",
  });
  endWithUs(child, "SIGTERM");
  const ended = once(child, "exit");
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await Promise.race([ended, pause(3000)]);
    child.kill("SIGKILL");
  };
  for (let times = 0; !(await accepts(port)); times++) {
    if (child.exitCode !== null || times > 500) {
      await stop();
      throw new Error(`${command} did not start`);
    }
    await pause(20);
  }
  return { url: `http://127.0.0.1:${port}`, pid: child.pid, stop };
}

function toProxies(upstream, environment, folder) {
  const { host } = new URL(upstream);
  const file = (name, text) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const gateway = (workers) => async () => {
    const port = await findFreePort();
    const words = ["gateway", "--upstream", upstream, "--listen", `127.0.0.1:${port}`, "--workers", workers];
    return startProgram(process.execPath, [cli, ...words], port, { ...environment, NODE_ENV: "production" });
  };
  const node = (app) => async () =>
    startServer({ app, environment: { ...environment, UPSTREAM: upstream } }, folder);
  return {
    "plain node:http": node("proxy-plain"),
    "intermission gateway": gateway("1"),
    "the same, --workers 2": gateway("2"),
    "http-proxy-3": node("proxy-http-proxy-3"),
    "nginx, one worker": async () =>
      startNginx(
        'proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr;',
        `client_max_body_size 20m; upstream app { server ${host}; keepalive 64; }`,
      ),
    Caddy: async () => {
      const port = await findFreePort();
      const text = `{\n admin off\n auto_https off\n}\nhttp://:${port} {\n bind 127.0.0.1\n reverse_proxy ${host}\n}\n`;
      const words = ["run", "--adapter", "caddyfile", "--config", file("Caddyfile", text)];
      return startProgram("caddy", words, port, { HOME: folder });
    },
    HAProxy: async () => {
      const port = await findFreePort();
      const text = `global\n nbthread 1\n maxconn 4000\ndefaults\n mode http\n timeout connect 3s\n timeout client 60s\n timeout server 60s\n option forwardfor\nlisten all\n bind 127.0.0.1:${port}\n server app ${host}\n`;
      return startProgram("haproxy", ["-db", "-f", file("haproxy.cfg", text)], port);
    },
  };
}

/**
 * One proxy runs at a time: an idle one beside it would slow down a Node process, which discards its
 * optimized code. They take turns, with a new process for each round.
 */
export async function measure({ pairs, seconds, folder, say }) {
  const end = performance.now() + longest;
  const { match } = await prepareReleases(folder);
  const upstream = await startServer({ app: "upstream" }, folder);
  const proxies = toProxies(upstream.url, match, folder);
  const figures = new Map(Object.keys(proxies).map((title) => [title, { title, runs: [] }]));
  try {
    let slowest = 0;
    for (let round = 0; round < Math.min(pairs, mostRounds); round++) {
      const begun = performance.now();
      if (begun + slowest > end) {
        say(`no time is left for round ${round + 1}`);
        break;
      }
      const titles = round % 2 === 0 ? Object.keys(proxies) : Object.keys(proxies).toReversed();
      for (const title of titles) {
        const proxy = await proxies[title]();
        try {
          if (round === 0) figures.get(title).memory = await measureMemory(proxy);
          figures.get(title).runs.push(await measureRequests(proxy, Math.min(seconds, mostSeconds)));
        } finally {
          await proxy.stop();
        }
        say(`round ${round + 1}: ${title}`);
      }
      slowest = Math.max(slowest, performance.now() - begun);
    }
  } finally {
    await upstream.stop();
  }
  return toResult([...figures.values()]);
}

async function measureRequests({ url, pid }, seconds) {
  const run = {};
  for (const [kind, request] of Object.entries(requests)) {
    await visitFor(url, request, { seconds: warmUp });
    const before = serverTime(pid);
    const { count, p99 } = await visitFor(url, request, { seconds });
    run[kind] = { cost: ((serverTime(pid) - before) / count) * 1e6, rate: count / seconds, p99 };
  }
  return run;
}

/** Mebibytes added to the memory of the proxy and its workers. */
async function measureMemory({ url, pid }) {
  const all = () =>
    [pid, ...childrenOf(pid)].reduce((sum, each) => sum + processMemory(each).own, 0) / 2 ** 20;
  await visitFor(url, requests["GET, 12 bytes"], { seconds: 1 });
  const before = all();
  const leave = await idle(url, 1000);
  const idleVisitors = all() - before;
  leave();
  await pause(500);
  const atRest = all();
  const hangUp = await upHalfWay(url, 100, 10 * 2 ** 20);
  await pause(500);
  const uploads = all() - atRest;
  hangUp();
  await pause(500);
  return { idleVisitors, uploads };
}

function childrenOf(pid) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
}

function toResult(figures) {
  const kinds = Object.keys(requests);
  const of = ({ runs }, kind, figure) => median(runs.map((run) => run[kind][figure]));
  const [plain, gateway] = figures;
  const costs = kinds.map((kind) => of(gateway, kind, "cost") / of(plain, kind, "cost"));
  const tails = kinds.map((kind) => of(gateway, kind, "p99") / of(plain, kind, "p99"));
  const reached = Math.max(...costs) <= 1 && Math.max(...tails) <= 1.5;
  return {
    columns: [
      "proxy",
      ...kinds.map((kind) => `${kind}: CPU µs (p99, ms; requests/s)`),
      "MiB for 1,000 idle visitors",
      "MiB for 100 uploads of 10 MiB, half-way",
    ],
    rows: figures.map((figure) => [
      figure.title,
      ...kinds.map(
        (kind) =>
          `${of(figure, kind, "cost").toFixed(0)} (${of(figure, kind, "p99").toFixed(1)}; ${of(figure, kind, "rate").toFixed(0)})`,
      ),
      figure.memory.idleVisitors.toFixed(1),
      figure.memory.uploads.toFixed(1),
    ]),
    figures,
    notes: [
      `CPU time a request, of the plain proxy's: ${costs.map((ratio) => ratio.toFixed(2)).join(", ")} (at most 1 is wanted, 0.7 the goal); p99: ${tails.map((ratio) => ratio.toFixed(2)).join(", ")} (at most 1.5). Reached: ${reached ? "yes" : "no"}.`,
      "Each is one process (nginx: one worker, HAProxy: one thread; Caddy as many threads as it likes) before the same upstream, which answers with as little work as possible. 20 connections that are kept, the headers of a browser. One proxy is alive at a time; medians of a process for each round, after a second of warming up for each kind. The processor time is that of the proxy with its workers; all share the machine with the visitors and the upstream.",
      "The plain proxy is bench/apps/proxy-plain.js: pipes, and nothing of what the gateway is for. It buffers nothing, so that uploads cost it no memory, and the upstream a connection each. The gateway buffers as nginx does: 64 KiB of a body in memory, the rest in a file.",
    ],
  };
}
