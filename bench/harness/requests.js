import { Agent, get } from "node:http";
import { connections } from "./wrk.js";

/** Sends so many requests over fifty connections: wrk counts seconds, not requests. */
export async function sendRequests(url, count) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let left = count;
  const worker = async () => {
    while (left-- > 0) await sendRequest(url, agent);
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
}

function sendRequest(url, agent) {
  return new Promise((resolve, reject) => {
    get(url, { agent, timeout: 10_000 }, (response) => {
      response.resume().on("end", resolve);
    }).on("error", reject);
  });
}
