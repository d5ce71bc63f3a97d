import { connect, type NatsConnection } from "@nats-io/transport-node";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { natsServer, startNats, type NatsServer } from "../servers/nats.ts";
import { tryFaults } from "./matrix.ts";
import { networkStrikes, signalStrikes, startNetworked, type Networked } from "./network-strikes.ts";
import { corruptedRecord, newerRecord } from "./record-strikes.ts";

type Nats = Networked<NatsServer>;

const password = "hush-hush";
const admin = { user: "admin", pass: "keys to the cellar" };

async function start(): Promise<Nats> {
  const folder = await mkdtemp(join(tmpdir(), "intermission-faults-nats-"));
  const users = [
    { user: "shop", password },
    { user: admin.user, password: admin.pass },
  ];
  const path = join(folder, "nats.conf");
  await writeFile(path, `authorization ${JSON.stringify({ users })}`);
  const words = ["-js", "-c", path];
  const { stop, ...rest } = await startNetworked(() => startNats(words));
  return {
    ...rest,
    async stop() {
      await stop();
      await rm(folder, { recursive: true });
    },
  };
}

async function asAdmin<T>({ main }: Nats, work: (connection: NatsConnection) => Promise<T>): Promise<T> {
  const connection = await connect({ servers: main.url, ...admin });
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

/** Of JetStream. */
async function ask(server: Nats, subject: string, body: object = {}): Promise<Record<string, unknown>> {
  const answer = await asAdmin(server, (connection) =>
    connection.request(`$JS.API.${subject}.KV_intermission`, JSON.stringify(body)),
  );
  const data = answer.json<Record<string, unknown>>();
  if (data["error"] !== undefined) throw new Error(JSON.stringify(data["error"]));
  return data;
}

async function limitMessages(server: Nats, bytes: number): Promise<void> {
  const { config } = await ask(server, "STREAM.INFO");
  await ask(server, "STREAM.UPDATE", { ...(config as object), max_msg_size: bytes });
}

tryFaults<Nats>({
  name: "NATS",
  first: 6,
  few: true,
  ...natsServer,
  password,
  start,
  versionOf: (server) => asAdmin(server, async (connection) => connection.info?.version ?? ""),
  urlOf: ({ main, proxy }, _, network) =>
    `nats://shop:${password}@127.0.0.1:${String(network ? proxy.port : main.port)}`,
  strikes: {
    ...networkStrikes,
    ...signalStrikes(/(?:did not answer|no answer|timeout).*Check that .*running/i),
    refused:
      "Not tried: a server with JetStream takes no other users while it runs. A wrong password has its test beside the store.",
    crowded: "A server with too many connections ends some at random, our control's too. See *stopped*.",
    rowLocked: "NATS locks no keys: a write is compared and set in one step.",
    tableLocked: "NATS has no tables, and locks nothing.",
    readOnly: "Not tried, for the same reason. A user who may only read has a test beside the store.",
    full: {
      how: "the bucket takes no message of this size",
      says: /exceeds maximum.*Raise the limits/,
      begin: async (server) => {
        await limitMessages(server, 64);
        return () => limitMessages(server, -1);
      },
    },
    tableMissing: {
      how: "the key is purged",
      begin: async (server, { app }) => {
        await ask(server, "STREAM.PURGE", { filter: `$KV.intermission.${app}` });
        return () => {};
      },
    },
    newer: newerRecord,
    corrupted: corruptedRecord,
  },
});
