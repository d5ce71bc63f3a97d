import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { onTestFinished } from "vitest";

/** A server in its own process. */
export interface Program {
  /** Its output so far, stdout and stderr. */
  readonly said: string;
  /** Resolves with the first match. Rejects if the program ends first. */
  until(words: RegExp): Promise<RegExpExecArray>;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  /** Ends it, and waits. Can be repeated. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface ProgramOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A program that does not end by itself is killed after this time. Milliseconds. */
const endWithin = 10_000;
const longestTale = 200_000;

/** Starts a program without our own environment variables. It ends with its test at the latest. */
export function startProgram(command: string, words: readonly string[], options: ProgramOptions): Program {
  const child = spawn(command, words, {
    cwd: options.cwd,
    env: { PATH: process.env["PATH"], ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  let ended = false;
  const heard = new EventEmitter();
  const hear = (text: string): void => {
    said = (said + text).slice(-longestTale);
    heard.emit("word");
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", hear);
  const exited = new Promise<void>((resolve) => {
    const end = (): void => {
      ended = true;
      heard.emit("word");
      resolve();
    };
    child.once("close", end).once("error", (error) => {
      hear(error.message);
      end();
    });
  });

  const program: Program = {
    ended: exited,
    get said() {
      return said;
    },
    async until(wanted) {
      for (;;) {
        const match = wanted.exec(said);
        if (match !== null) return match;
        if (ended) throw new Error(`${command} ended without a word of ${String(wanted)}: ${said}`);
        await once(heard, "word");
      }
    },
    async stop(signal = "SIGTERM") {
      if (ended) return;
      child.kill(signal);
      const timer = setTimeout(() => child.kill("SIGKILL"), endWithin);
      await exited;
      clearTimeout(timer);
    },
  };
  onTestFinished(() => program.stop());
  return program;
}
