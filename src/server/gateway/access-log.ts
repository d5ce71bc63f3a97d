import { createWriteStream, type WriteStream } from "node:fs";
import { reasonOf } from "../../core/errors.ts";

/** A line of the access log. Times in milliseconds, sizes in bytes. */
export interface AccessLogEntry {
  /** ISO 8601, when the request was answered. */
  readonly time: string;
  /** The status sent. 499: none, because the visitor left. */
  readonly status: number;
  /** Of the error that the page replaced, and the verdict's reason. */
  readonly originalStatus?: number;
  readonly reason?: string;
  readonly healed?: boolean;
  readonly method: string;
  /** Without the query, which may hold secrets. */
  readonly path: string;
  /** Of the body. */
  readonly bytes: number;
  readonly duration: number;
  /** The last one asked, and what is known about its release. */
  readonly upstream: string | null;
  readonly release: string | null;
  readonly requestId: string;
}

/** One JSON document per line. */
export interface AccessLog {
  write(entry: AccessLogEntry): void;
  /** The file was moved away: opens a new one with that name. */
  reopen(): void;
  close(): Promise<void>;
}

/** If a slow disk makes more than this wait, lines are dropped, with a notice. Bytes. */
const maximumWaiting = 16_777_216;

/** @param path `-`: standard output. */
export function openAccessLog(path: string, onFailure: (message: string) => void): AccessLog {
  let stream = open();
  let isLosing = false;

  function open(): WriteStream | NodeJS.WriteStream {
    if (path === "-") return process.stdout;
    const opened = createWriteStream(path, { flags: "a", mode: 0o640 });
    opened.on("error", (error) => {
      onFailure(`The access log can't be written (${reasonOf(error)})`);
    });
    return opened;
  }

  return {
    write(entry) {
      if (stream.destroyed || stream.writableLength > maximumWaiting) {
        if (!isLosing) onFailure("The access log loses lines: the disk does not take them in time");
        isLosing = true;
        return;
      }
      isLosing = false;
      stream.write(`${JSON.stringify(entry)}\n`);
    },
    reopen() {
      if (path === "-") return;
      stream.end();
      stream = open();
    },
    async close() {
      const last = stream;
      if (path === "-" || last.destroyed) return;
      await new Promise<void>((resolve) => {
        last.once("close", resolve);
        last.once("error", () => {
          resolve();
        });
        last.end();
      });
    },
  };
}
