import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { WebSocket } from "ws";

const within = 10_000;

/** The first bytes of an answer, and what follows. */
export async function beginStream(
  port: number,
  path: string,
): Promise<{ readonly first: string; readonly rest: Promise<string> }> {
  const sent = request({ host: "127.0.0.1", port, path, agent: false, timeout: within });
  sent.on("timeout", () => sent.destroy(new Error("no answer in time")));
  const answered = once(sent, "response");
  sent.end();
  const [response] = (await answered) as [import("node:http").IncomingMessage];
  response.setEncoding("utf8");
  const [first] = (await once(response, "data")) as [string];
  const rest = (async () => {
    let text = "";
    for await (const chunk of response) text += String(chunk);
    return text;
  })();
  rest.catch(() => {});
  return { first, rest };
}

/** What comes back for `hello`. */
export async function echoOverSocket(port: number, path: string): Promise<string> {
  const socket = new WebSocket(`ws://127.0.0.1:${String(port)}${path}`, { handshakeTimeout: within });
  try {
    await once(socket, "open");
    socket.send("hello");
    const [message] = (await once(socket, "message")) as [Buffer];
    return message.toString();
  } finally {
    socket.terminate();
  }
}

/** The first line of the answer to a WebSocket handshake. */
export async function handshake(port: number, path: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.setTimeout(within, () => socket.destroy(new Error("no answer in time")));
  try {
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    const closed = once(socket, "close").then(() => [Buffer.alloc(0)]);
    const [data] = (await Promise.race([once(socket, "data"), closed])) as [Buffer];
    return data.toString("latin1").split("\r\n", 1)[0] ?? "";
  } finally {
    socket.destroy();
  }
}
