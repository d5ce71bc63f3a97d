import { watchProcess } from "../http/node-process.ts";
import { createIntermission } from "../intermission.ts";

/*
 * `node --import intermission/auto server.js`: every HTTP server of the process gets the page, with settings from the
 * environment alone.
 */

watchProcess(createIntermission());
