import * as closed from "./closed.js";
import * as consoles from "./console.js";
import * as cost from "./cost.js";
import * as createRelease from "./create-release.js";
import * as errorBackend from "./error-backend.js";
import * as deciding from "./deciding.js";
import * as gateway from "./gateway.js";
import * as importing from "./import.js";
import * as memory from "./memory.js";
import * as page from "./page.js";
import * as proxies from "./proxies.js";
import * as push from "./push.js";
import * as readBytes from "./read-bytes.js";
import * as reports from "./reports.js";
import * as scale from "./scale.js";
import * as storeReads from "./store-reads.js";

/** In the order they are run and shown. */
export const measurements = [
  cost,
  closed,
  gateway,
  storeReads,
  reports,
  deciding,
  page,
  errorBackend,
  importing,
  createRelease,
  push,
  proxies,
  consoles,
  readBytes,
  scale,
  memory,
];
