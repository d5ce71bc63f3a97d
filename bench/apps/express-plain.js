import { createServer } from "node:http";
import express from "express";
import { addRoutes } from "./express-routes.js";
import { listen } from "./listen.js";

const app = express();
addRoutes(app);
await listen(createServer(app));
