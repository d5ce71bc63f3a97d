import { watchProcess } from "../http/node-process.ts";
import { onceServing } from "../http/node-serving.ts";
import { createIntermission } from "../intermission.ts";

/*
 * `node --import intermission/auto server.js`: every HTTP server of the process gets the page, with settings from the
 * environment alone. A process that serves nothing is no instance: it asks no store.
 */

watchProcess(createIntermission({}, { whenNeeded: onceServing }));
