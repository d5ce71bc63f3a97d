import { once } from "node:events";
import { connect } from "node:net";

const limit = 30_000;

/**
 * Opens keep-alive connections to a server. Each carries one request at a time.
 *
 * @param request The raw request.
 * @param status What every answer must have.
 */
export async function openConnections(port, request, status, count) {
  const begins = `HTTP/1.1 ${status} `;
  const connections = await Promise.all(Array.from({ length: count }, () => openConnection(port)));

  async function openConnection() {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    // "close" comes as well.
    socket.on("error", () => undefined);
    return { socket, length: await measureAnswer(socket) };
  }

  /** Answers to the same request have the same length, so the others need no parser. */
  async function measureAnswer(socket) {
    socket.write(request);
    let answer = "";
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      answer += chunk.toString("latin1");
      const end = answer.indexOf("\r\n\r\n");
      if (end === -1) continue;
      const length = /^content-length: (\d+)\r$/im.exec(answer.slice(0, end + 2))?.[1];
      if (!answer.startsWith(begins) || length === undefined)
        throw new Error(`expected ${begins}with a length, got ${answer.slice(0, end)}`);
      const whole = end + 4 + Number(length);
      if (answer.length >= whole) return whole;
    }
    throw new Error("the server closed a connection");
  }

  return {
    /** Sends so many requests. Rejects if an answer differs from the first. */
    async send(requests) {
      let left = requests;
      await Promise.all(
        connections.map(
          ({ socket, length }) =>
            new Promise((resolve, reject) => {
              let missing = 0;
              const timer = setTimeout(() => settle(new Error("no answer in time")), limit);
              const settle = (error) => {
                clearTimeout(timer);
                socket.off("data", read).off("close", closed);
                if (error === undefined) resolve();
                else reject(error);
              };
              const closed = () => settle(new Error("the server closed a connection"));
              const next = () => {
                if (left-- <= 0) return settle();
                missing = length;
                socket.write(request);
              };
              const read = (chunk) => {
                if (missing === length && chunk.latin1Slice(0, begins.length) !== begins)
                  return settle(new Error(`expected ${begins}, got ${chunk.latin1Slice(0, 40)}`));
                missing -= chunk.length;
                if (missing < 0) settle(new Error("an answer is longer than the one before"));
                else if (missing === 0) next();
              };
              socket.on("data", read).once("close", closed);
              next();
            }),
        ),
      );
    },
    close() {
      for (const { socket } of connections) socket.destroy();
    },
  };
}
