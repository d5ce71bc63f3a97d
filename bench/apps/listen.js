import { once } from "node:events";

/** Serves on a free port of the loopback, and prints where on stdout. */
export async function listen(server) {
  // A server may have to wait for its turn.
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // `gc` exists only in a process whose memory is measured.
  if (globalThis.gc !== undefined) process.on("SIGUSR2", tellHeap);
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);
}

function tellHeap() {
  for (let times = 0; times < 3; times++) globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ heapUsed, external })}\n`);
}
