import { createServer } from "node:http";
import express from "express";
import { createIntermission } from "intermission";
import { maintenancePage } from "intermission/express";
import { addRoutes } from "./express-routes.js";
import { listen } from "./listen.js";

const intermission = createIntermission();
const app = express();
app.use(maintenancePage({ intermission }));
addRoutes(app);
await intermission.ready();
await listen(createServer(app));
