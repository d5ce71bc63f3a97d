import { success } from "../harness/expectations.js";
import { serverTime } from "../harness/machine.js";
import { startNginx } from "../harness/nginx.js";
import { prepareReleases } from "../harness/releases.js";
import { startServer } from "../harness/server.js";
import { median } from "../harness/statistics.js";
import { browserHeaders, connections, runWrk } from "../harness/wrk.js";

export const name = "gateway";
export const about = "The gateway, next to nginx and to proxies of Node, before the same upstream";

const target = 0.3;

export async function measure({ pairs, seconds, folder, say }) {
  const { match } = await prepareReleases(folder);
  const upstream = await startNginx('return 200 "Hello, world";');
  const proxies = [];
  try {
    const environment = { ...match, UPSTREAM: upstream.url };
    proxies.push({ title: "nginx, one worker", ...(await startNginxProxy(upstream.url)) });
    for (const [title, app] of [
      ["intermission gateway", "gateway"],
      ["@fastify/reply-from", "proxy-reply-from"],
      ["http-proxy-3", "proxy-http-proxy-3"],
      ["httpxy", "proxy-httpxy"],
    ]) {
      proxies.push({ title, ...(await startServer({ app, environment }, folder)) });
    }
    for (const proxy of proxies) {
      await success(`${proxy.url}/`, browserHeaders);
      await run(proxy, 2);
    }
    const runs = new Map(proxies.map(({ title }) => [title, []]));
    for (let round = 0; round < pairs; round++) {
      const order = proxies.map((_, index) => proxies[(index + round) % proxies.length]);
      for (const proxy of order) runs.get(proxy.title).push(await run(proxy, seconds));
      say(`round ${round + 1} of ${pairs}`);
    }
    return toResult(runs);
  } finally {
    for (const { stop } of [...proxies, upstream]) await stop();
  }
}

function startNginxProxy(upstream) {
  return startNginx(
    'proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;' +
      " proxy_set_header X-Forwarded-For $remote_addr;",
    `upstream app { server ${new URL(upstream).host}; keepalive 64; }`,
  );
}

async function run({ url, pid }, seconds) {
  const before = serverTime(pid);
  const { requests, duration, p99 } = await runWrk(`${url}/`, seconds, {
    headers: browserHeaders,
  });
  return { rate: requests / duration, cost: ((serverTime(pid) - before) / requests) * 1e6, p99 };
}

function toResult(runs) {
  const figures = [...runs].map(([title, all]) => {
    const of = (figure) => median(all.map((run) => run[figure]));
    return { title, rate: of("rate"), cost: of("cost"), p99: of("p99"), runs: all };
  });
  const [nginx, gateway, ...others] = figures;
  const share = gateway.rate / nginx.rate;
  const isAhead = others.every(({ rate }) => rate < gateway.rate);
  return {
    columns: ["proxy", "requests/s", "of nginx", "CPU µs a request", "p99, ms", "target", "reached"],
    rows: figures.map(({ title, rate, cost, p99 }) => [
      title,
      rate.toFixed(0),
      (rate / nginx.rate).toFixed(2),
      cost.toFixed(1),
      p99.toFixed(1),
      ...(title === gateway.title
        ? [`>= ${target.toFixed(2)}, ahead of the others`, share >= target && isAhead ? "yes" : "no"]
        : ["", ""]),
    ]),
    figures,
    notes: [
      `Each is one process (nginx: one worker) before the same nginx, which answers with 12 bytes. wrk with one thread and ${connections} connections, the headers of a browser; in turns, medians of the turns. The processor time is that of the proxy alone. All of them share the machine with wrk and the upstream.`,
      "The gateway watches a store and judges errors; the others do not.",
    ],
  };
}
