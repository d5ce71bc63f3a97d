import { request } from "node:http";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { serverTime } from "../harness/machine.js";
import { startServer } from "../harness/server.js";
import { median } from "../harness/statistics.js";

export const name = "console";
export const about = "The console: its first view, and what many viewers cost";

const views = 40;
const warm = 10;
const watched = 20;
/** Milliseconds of processor time, and bytes. */
const target = { time: 50, bytes: 60_000 };

export async function measure({ folder, say }) {
  const server = await startServer({ app: "console" }, folder);
  try {
    const times = [];
    let bytes = 0;
    for (let view = 0; view < warm + views; view++) {
      // What was read is used again for a second.
      await pause(1100);
      const before = serverTime(server.pid);
      const response = await fetch(server.url);
      const text = await response.text();
      if (response.status !== 200) throw new Error(`The console answered ${response.status}: ${text}`);
      bytes = Buffer.byteLength(text);
      if (view >= warm) times.push((serverTime(server.pid) - before) * 1000);
    }
    say(`${views} first views`);
    const one = await watch(server, 1);
    say("one viewer");
    const fifty = await watch(server, 50);
    say("fifty viewers");
    const time = median(times);
    return {
      columns: ["what", "measured", "target", "reached"],
      rows: [
        [
          "first view, ms of the server's CPU",
          time.toFixed(1),
          `<= ${target.time}`,
          yes(time <= target.time),
        ],
        ["first view, bytes", String(bytes), `<= ${target.bytes}`, yes(bytes <= target.bytes)],
        ["one viewer: reads and lists a second", rates(one), "<= 2", yes(one.rate <= 2)],
        ["50 viewers: reads and lists a second", rates(fifty), "<= 2", yes(fifty.rate <= 2)],
        ["one viewer: ms of CPU a second", one.cpu.toFixed(1), "", ""],
        ["50 viewers: ms of CPU a second", fifty.cpu.toFixed(1), "", ""],
      ],
      figures: { times, bytes, one, fifty },
      notes: [
        `1,000 instances, half of them on the release before, each with masked errors; 200 releases; an open deploy. A store in the console's own process, so its cost is included. The first view is the median of ${views}, one a second, after ${warm} more. Viewers watch for ${watched} s; nothing else happens.`,
      ],
    };
  } finally {
    await server.stop();
  }
}

const yes = (reached) => (reached ? "yes" : "no");
const rates = ({ reads, lists }) => `${reads.toFixed(2)} and ${lists.toFixed(2)}`;

async function watch({ url, pid }, viewers) {
  const streams = await Promise.all(Array.from({ length: viewers }, () => openStream(`${url}/events`)));
  await pause(2000);
  const [before, cpuBefore] = [await countsOf(url), serverTime(pid)];
  await pause(watched * 1000);
  const [after, cpuAfter] = [await countsOf(url), serverTime(pid)];
  for (const stream of streams) stream.destroy();
  const reads = (after.reads - before.reads) / watched;
  const lists = (after.lists - before.lists) / watched;
  return { reads, lists, rate: reads + lists, cpu: ((cpuAfter - cpuBefore) * 1000) / watched };
}

async function openStream(url) {
  const sent = request(url);
  sent.end();
  const [stream] = await once(sent, "response");
  stream.on("error", () => {}).resume();
  if (stream.statusCode !== 200) throw new Error(`${url} answered ${stream.statusCode}`);
  return stream;
}

async function countsOf(url) {
  return (await fetch(`${url}/counts`)).json();
}
