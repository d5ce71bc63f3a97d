import * as closed from "./closed.js";
import * as createRelease from "./create-release.js";
import * as deciding from "./deciding.js";
import * as importing from "./import.js";
import * as maskedError from "./masked-error.js";
import * as memory from "./memory.js";
import * as noise from "./noise.js";
import * as storeReads from "./store-reads.js";
import * as success from "./success.js";

/** In the order in which they are run and shown. */
export const measurements = [
  success,
  maskedError,
  closed,
  storeReads,
  deciding,
  importing,
  createRelease,
  memory,
  noise,
];
