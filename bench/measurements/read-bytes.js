import { createIntermission } from "intermission";
import { startPostgres } from "../harness/postgres.js";
import { startRedis } from "../harness/redis.js";
import { startCountingProxy } from "../scale/counting-proxy.js";
import { openStore } from "../scale/open-store.js";

export const name = "read-bytes";
export const about = "What one read of the record moves between an instance and the store";

const repetitions = 20;

/** Typical release names: a commit, and a number. */
const histories = [
  ["1 release, v1.0", ["v1.0"]],
  ["200 releases, named by a commit", Array.from({ length: 200 }, (_, index) => commit(index))],
];

export async function measure({ say }) {
  const rows = [];
  for (const [title, start] of [
    ["PostgreSQL", () => startPostgres({ log_statement: "none" })],
    ["Redis", startRedis],
  ]) {
    const server = await start();
    const proxy = await startCountingProxy(server.port);
    try {
      const direct = server.url ?? server.urlFor("intermission");
      const url = direct.replace(`:${server.port}/`, `:${proxy.port}/`);
      for (const [history, releases] of histories) {
        const app = history.slice(0, 3);
        const value = await record(direct, app, releases);
        for (const [kind, knownVersion] of [
          ["unchanged", releases.length],
          ["whole", undefined],
        ]) {
          const { asked, answered } = await measureReads(url, proxy, app, knownVersion);
          const inValue = kind === "whole" ? Buffer.byteLength(value) : 0;
          rows.push([title, history, kind, String(inValue), String(answered), String(asked)]);
        }
      }
      say(`${title}: done`);
    } finally {
      await proxy.stop();
      await server.stop();
    }
  }
  return {
    columns: ["store", "record", "read", "value, bytes", "whole answer", "whole question"],
    rows,
    notes: [
      "Counted by a proxy between the two, without the headers of TCP and IP (some 60 bytes a packet and as much for what acknowledges it). The difference between the whole answer and the value is the protocol's, and the record's version and the store's time. Instances read with the version that they know: the whole record goes over once for each change.",
    ],
  };
}

async function measureReads(url, proxy, app, knownVersion) {
  const store = openStore(url);
  try {
    // The first one connects.
    await store.read(app, knownVersion);
    proxy.take();
    for (let read = 0; read < repetitions; read++) await store.read(app, knownVersion);
    const { asked, answered } = proxy.take();
    return { asked: Math.round(asked / repetitions), answered: Math.round(answered / repetitions) };
  } finally {
    await store.close();
  }
}

/** Records the releases, and returns the resulting value in the store. */
async function record(url, app, releases) {
  const store = openStore(url);
  const intermission = createIntermission({
    store: { ...store, watch: undefined },
    app,
    release: "deploy",
    refreshEvery: 0,
  });
  for (const release of releases) await intermission.createRelease(release, { wait: false });
  const { value } = await store.read(app);
  await intermission.close();
  await store.close();
  return value;
}

function commit(index) {
  return (index + 1).toString(16).padStart(8, "0").repeat(5);
}
