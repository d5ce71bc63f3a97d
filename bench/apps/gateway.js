import { createIntermission } from "intermission";
import { startGateway } from "../../dist/server/gateway/index.js";

const intermission = createIntermission();
await intermission.ready();
const { url } = await startGateway(
  { upstreams: [{ origin: process.env.UPSTREAM }], listen: { host: "127.0.0.1", port: 0 } },
  intermission,
);
process.stdout.write(`${url}\n`);
