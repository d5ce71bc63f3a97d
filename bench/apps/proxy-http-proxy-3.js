import { Agent, createServer } from "node:http";
import httpProxy from "http-proxy-3";
import { listen } from "./listen.js";

const agent = new Agent({ keepAlive: true });
const proxy = httpProxy.createProxyServer({ target: process.env.UPSTREAM, agent, xfwd: true });
await listen(createServer((request, response) => proxy.web(request, response)));
