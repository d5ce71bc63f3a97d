import { once } from "node:events";
import { connect, createServer } from "node:net";

/** Sits in front of a server and counts bytes: `asked` to the server, `answered` by it. */
export async function startCountingProxy(port) {
  const bytes = { asked: 0, answered: 0 };
  const open = new Set();
  const proxy = createServer((client) => {
    const server = connect(port, "127.0.0.1");
    for (const [side, other, direction] of [
      [client, server, "asked"],
      [server, client, "answered"],
    ]) {
      open.add(side);
      side.on("data", (chunk) => {
        bytes[direction] += chunk.length;
        other.write(chunk);
      });
      side.on("error", () => {});
      side.on("close", () => {
        open.delete(side);
        other.destroy();
      });
    }
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {
    port: proxy.address().port,
    /** Since the last call. */
    take() {
      const taken = { ...bytes };
      Object.assign(bytes, { asked: 0, answered: 0 });
      return taken;
    },
    async stop() {
      for (const side of open) side.destroy();
      proxy.close();
      await once(proxy, "close");
    },
  };
}
