import { watchProcess } from "../http/node/process.ts";
import { onceServing } from "../http/node/serving.ts";
import { readyInTime } from "../http/ready-in-time.ts";
import { createIntermission } from "../engine/create.ts";

/*
 * `node --import intermission/auto server.js`: every HTTP server of the process gets the page, with settings from the
 * environment alone. A process that serves nothing is no instance: it asks no store.
 */

let opening: Promise<void> | undefined;
const intermission = createIntermission(
  {},
  {
    whenNeeded(begin) {
      onceServing(() => {
        begin();
        // The app can't wait for it before it listens, as one with an adapter can.
        opening = readyInTime(intermission).finally(() => (opening = undefined));
      });
    },
  },
);
watchProcess(intermission, undefined, () => opening);
