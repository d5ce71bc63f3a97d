import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Records what the app sees of its response. */
export type Note = (what: string, seen?: unknown) => void;

/** One way an app answers with a server error. */
export type Shape = (response: ServerResponse, note: Note, request: IncomingMessage) => unknown;

export const secret = "column book.author does not exist";

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Records the code of what is thrown. */
function attempt(note: Note, what: string, call: () => unknown): void {
  try {
    call();
    note(what, "no error");
  } catch (error) {
    note(what, (error as { readonly code?: unknown }).code);
  }
}

/** Deprecated, but many read it. */
function finished(response: ServerResponse): unknown {
  return Reflect.get(response, "finished");
}

function state(response: ServerResponse): unknown {
  const { headersSent, writableEnded, statusCode, destroyed } = response;
  return { headersSent, writableEnded, statusCode, destroyed, finished: finished(response) };
}

/** Those that HTTP/2 supports as well. */
export const commonShapes: Readonly<Record<string, Shape>> = {
  "end with a text": (response) => response.end(secret),
  "end with a buffer": (response) => response.end(Buffer.from(secret)),
  "end with an encoding": (response) => response.end(Buffer.from(secret).toString("hex"), "hex"),
  "end without a body": (response) => response.end(),
  "end with a callback alone": (response, note) => {
    response.end(() => {
      note("called back");
    });
  },
  "end with a body and a callback": (response, note) => {
    response.end(secret, () => {
      note("called back");
    });
  },
  "end with a body, an encoding and a callback": (response, note) => {
    response.end(secret, "utf8", () => {
      note("called back");
    });
  },
  "write and end": (response) => {
    response.write(secret);
    response.end();
  },
  "writes with callbacks, and end with one": (response, note) => {
    response.write(secret, () => {
      note("called back from the first");
    });
    response.write(secret, "utf8", () => {
      note("called back from the second");
    });
    response.end(secret, () => {
      note("called back from the end");
    });
  },
  "writes over some time": async (response) => {
    for (let count = 0; count < 4; count++) {
      response.write(secret);
      await tick();
    }
    response.end();
  },
  "writeHead and end": (response) => {
    response.writeHead(500, { "content-type": "text/plain" });
    response.end(secret);
  },
  "writeHead with another status": (response) => {
    response.writeHead(502);
    response.end(secret);
  },
  "writeHead and an end that comes later": async (response) => {
    response.writeHead(500, { "x-custom": "1" });
    await tick();
    response.end(secret);
  },
  "setHeader, then end": (response) => {
    response.setHeader("content-type", "text/plain");
    response.setHeader("x-custom", "1");
    response.end(secret);
  },
  "several cookies": (response) => {
    response.setHeader("set-cookie", ["a=1", "b=2"]);
    response.end(secret);
  },
  "a content length": (response) => {
    response.setHeader("content-length", secret.length);
    response.end(secret);
  },
  "flushHeaders, then a body": async (response) => {
    response.flushHeaders();
    await tick();
    response.end(secret);
  },
  "a stream piped into it": (response) => {
    Readable.from(Array.from({ length: 20 }, () => secret)).pipe(response);
  },
  "a pipeline through a transform": async (response, note) => {
    const upper = new Transform({
      transform(chunk: Buffer, _, done) {
        done(null, chunk.toString().toUpperCase());
      },
    });
    await pipeline(Readable.from([secret, secret]), upper, response);
    note("called back from the pipeline");
  },
  "an empty write first": (response) => {
    response.write("");
    response.end(secret);
  },
  "an answer after some time": async (response) => {
    await tick();
    response.end(secret);
  },
  "a status message": (response) => {
    if (response.req.httpVersionMajor < 2) response.statusMessage = "Column gone";
    response.end(secret);
  },
  "what is read after the end": (response, note) => {
    response.end(secret);
    const { headersSent, writableEnded } = response;
    note("state", { headersSent, writableEnded, finished: finished(response) });
  },
};

export const http1Shapes: Readonly<Record<string, Shape>> = {
  ...commonShapes,
  "its state at each step": (response, note) => {
    note("before", state(response));
    response.write(secret);
    note("after write", state(response));
    response.end();
    note("after end", state(response));
  },
  "writeHead with a reason phrase": (response) => response.writeHead(500, "Column gone").end(secret),
  "writeHead with a flat list": (response) =>
    response.writeHead(500, ["content-type", "text/plain", "x-a", "b"]).end(secret),
  "writeHead with a list of pairs": (response) =>
    response
      .writeHead(500, [
        ["x-a", "b"],
        ["x-c", "d"],
      ] as never)
      .end(secret),
  "writeHead after setHeader": (response) => {
    response.setHeader("x-custom", "1");
    response.writeHead(500, { "x-other": "2" });
    response.end(secret);
  },
  "writeHead twice": (response, note) => {
    response.writeHead(500);
    attempt(note, "the second", () => response.writeHead(502));
    response.end(secret);
  },
  "a header that is refused, then end": (response, note) => {
    attempt(note, "writeHead", () => response.writeHead(500, { "x-error": "line 1\nline 2" }));
    response.end(secret);
  },
  "a status that is refused, then end": (response, note) => {
    attempt(note, "writeHead", () => response.writeHead(5000));
    response.statusCode = 500;
    response.end(secret);
  },
  "a chunk that is refused, then end": (response, note) => {
    attempt(note, "write", () => response.write(17));
    attempt(note, "end", () => response.end({}));
    response.end(secret);
  },
  "null written, then end": (response, note) => {
    attempt(note, "write", () => response.write(null));
    response.end(secret);
  },
  "a header set too late": (response, note) => {
    response.write(secret);
    attempt(note, "setHeader", () => response.setHeader("x-late", "1"));
    attempt(note, "removeHeader", () => {
      response.removeHeader("x-late");
    });
    attempt(note, "appendHeader", () => response.appendHeader("x-late", "1"));
    response.end();
  },
  "a header set after the end": (response, note) => {
    response.end(secret);
    attempt(note, "setHeader", () => response.setHeader("x-late", "1"));
  },
  "end twice": (response) => {
    response.end(secret);
    response.end();
  },
  "end twice with callbacks": async (response, note) => {
    response.end(secret);
    await new Promise<void>((done) => response.end(done));
    note("called back from the second end");
  },
  "write after the end": (response, note) => {
    response.on("error", (error: NodeJS.ErrnoException) => {
      note("error", error.code);
    });
    response.end(secret);
    note(
      "returned",
      response.write("more", (error) => {
        note("called back", (error as NodeJS.ErrnoException | undefined)?.code);
      }),
    );
  },
  "what write returns": (response, note) => {
    note("small", response.write(secret));
    note("needs drain", response.writableNeedDrain);
    response.end();
  },
  "written until it is full": (response, note) => {
    let count = 0;
    while (response.write(Buffer.alloc(4096, "x")) && count < 1000) count++;
    note("stopped", count < 1000);
    if (response.writableNeedDrain) response.once("drain", () => response.end());
    else response.end();
  },
  "a chunked body with trailers": (response) => {
    response.writeHead(500, { trailer: "x-sum", "transfer-encoding": "chunked" });
    response.write(secret);
    response.addTrailers({ "x-sum": "1" });
    response.end();
  },
  "cork and uncork": (response) => {
    response.cork();
    response.write(secret);
    response.write(secret);
    response.uncork();
    response.end();
  },
  "an answer that closes the connection": (response) => {
    response.setHeader("connection", "close");
    response.end(secret);
  },
  "an answer, then the connection is ended": (response, _, request) => {
    response.end(secret);
    request.socket.end();
  },
  "an answer, then the connection is destroyed soon": (response, _, request) => {
    response.end(secret);
    request.socket.destroySoon();
  },
  "an informational answer first": (response) => {
    response.writeEarlyHints({ link: "</style.css>; rel=preload" });
    response.end(secret);
  },
  "100 Continue first": (response) => {
    response.writeContinue();
    response.write(secret);
    response.end();
  },
  "a success in the end": (response) => {
    response.statusCode = 200;
    response.end("fine");
  },
};
