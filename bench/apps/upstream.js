import { createServer } from "node:net";

/*
 * The upstream behind the proxies reads requests with as little work as possible, so that the proxies are
 * measured.
 */

const head = (length) =>
  `HTTP/1.1 200 OK\r\nServer: app\r\nContent-Type: text/plain\r\nContent-Length: ${length}\r\nConnection: keep-alive\r\n\r\n`;
const short = Buffer.from(`${head(12)}Hello, world`);
const long = Buffer.concat([Buffer.from(head(100_000)), Buffer.alloc(100_000, "x")]);

const server = createServer((socket) => {
  let text = "";
  /** Of the body. */
  let missing = 0;
  let answer = short;
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("data", (piece) => {
    if (missing > 0) {
      missing -= piece.byteLength;
    } else {
      text += piece.toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      if (end === -1) return;
      const length = Number(/^content-length: (\d+)/im.exec(text.slice(0, end))?.[1] ?? 0);
      missing = length - (text.length - end - 4);
      answer = text.startsWith("GET /long") ? long : short;
      text = "";
    }
    if (missing <= 0) socket.write(answer);
  });
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`);
});
