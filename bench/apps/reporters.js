/*
 * Many instances in one process, each with its own store as usual, sharing a few connections. Sends `ready`
 * to its parent when all have started. COUNT: how many.
 */
import process from "node:process";
import pg from "pg";
import { createIntermission } from "intermission";
import { postgresStore } from "intermission/stores/postgres";

const pool = new pg.Pool({ connectionString: process.env.MAINTENANCE_STORE, max: 4 });
// Each store has a listener on it.
pool.setMaxListeners(0);
const instances = [];
// A few at a time, like deploys: the first read of each has a second.
while (instances.length < Number(process.env.COUNT)) {
  const started = Array.from({ length: 5 }, (_, index) =>
    createIntermission({
      store: postgresStore({ pool }),
      instance: `instance-${process.pid}-${instances.length + index}`,
      release: "v1.0",
      // Reads are measured elsewhere.
      refreshEvery: 0,
    }),
  );
  await Promise.all(started.map((instance) => instance.ready()));
  instances.push(...started);
}
// A few kinds each, as after a deploy that breaks something.
for (const instance of instances) {
  for (let kind = 0; kind < Number(process.env.KINDS); kind++) {
    const error = Object.assign(new Error(), { code: `4270${kind}` });
    instance
      .replacementFor({
        ...{
          error,
          status: 500,
          method: "GET",
          path: "/orders",
          request: {},
          pageRequest: { method: "GET" },
        },
      })
      ?.sent();
  }
}
process.send("ready");
process.once("disconnect", () => process.exit());
