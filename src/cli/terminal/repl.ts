import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { start, type REPLServer } from "node:repl";
import { PassThrough } from "node:stream";

/**
 * A Node REPL with these names defined, on a terminal or for piped commands. Resolves when the user leaves,
 * or the last piped command is done.
 */
export async function runRepl(names: Readonly<Record<string, unknown>>): Promise<void> {
  if ([process.stdin, process.stdout].every(({ isTTY }) => isTTY)) {
    const repl = start({ prompt: "intermission> " });
    await offer(repl, names);
    return;
  }
  const input = new PassThrough();
  const repl = start({ input, output: process.stdout, prompt: "", terminal: false });
  const left = offer(repl, names);
  await feed(repl, input, left);
}

/** Resolves when the user leaves. */
async function offer(repl: REPLServer, names: Readonly<Record<string, unknown>>): Promise<void> {
  Object.assign(repl.context, names);
  // `.clear` makes a new context.
  repl.on("reset", (context: object) => Object.assign(context, names));
  await once(repl, "exit");
}

/**
 * Feeds each line when the previous one is done. Given all at once, a REPL does not wait for an `await` in
 * one of them.
 */
async function feed(repl: REPLServer, input: PassThrough, left: Promise<void>): Promise<void> {
  let done = (): void => {};
  // It would print the prompt after each line, for nobody.
  repl.displayPrompt = () => {
    done();
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const evaluated = new Promise<void>((resolve) => (done = resolve));
    input.write(`${line}\n`);
    const outcome = await Promise.race([evaluated.then(() => "done"), left.then(() => "left")]);
    if (outcome === "left") return;
  }
  repl.close();
  await left;
}
