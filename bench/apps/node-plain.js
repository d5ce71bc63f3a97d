import { createServer } from "node:http";
import { listen } from "./listen.js";
import { answer } from "./node-routes.js";

await listen(createServer(answer));
