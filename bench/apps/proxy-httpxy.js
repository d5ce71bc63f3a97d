import { Agent, createServer } from "node:http";
import { createProxyServer } from "httpxy";
import { listen } from "./listen.js";

const agent = new Agent({ keepAlive: true });
const proxy = createProxyServer({ target: process.env.UPSTREAM, agent, xfwd: true });
await listen(createServer((request, response) => void proxy.web(request, response)));
