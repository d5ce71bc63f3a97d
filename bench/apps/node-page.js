import { createServer } from "node:http";
import { createIntermission } from "intermission";
import { maintenancePage } from "intermission/node";
import { listen } from "./listen.js";
import { answer } from "./node-routes.js";

const intermission = createIntermission();
await intermission.ready();
await listen(createServer(maintenancePage(answer, { intermission })));
