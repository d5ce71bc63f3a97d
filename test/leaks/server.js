/* A server that reports its memory; run with --expose-gc. Every other answer is an error. */
import { createServer } from "node:http";
import process from "node:process";
import { createIntermission, memoryStore } from "intermission";
import { maintenancePage } from "intermission/node";

const store = memoryStore();
const intermission = createIntermission({ store, release: "v1.0", freshFor: Number(process.argv[2]) });
await intermission.createRelease(process.argv[3], { wait: false });

let answers = 0;
let mostListeners = 0;
const server = createServer(
  maintenancePage(
    (request, response) => {
      answers++;
      response.statusCode = answers % 2 === 0 ? 200 : 500;
      response.on("finish", () => {
        mostListeners = Math.max(mostListeners, countListeners(request.socket), countListeners(response));
      });
      if (answers % 3 === 0) response.write("a part, ");
      response.end("and the end");
    },
    { intermission },
  ),
);

const countListeners = (emitter) =>
  emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);

process.on("message", () => {
  globalThis.gc();
  process.send({ answers, mostListeners, heap: process.memoryUsage().heapUsed });
});
server.listen(0, "127.0.0.1", () => process.send(server.address().port));
