import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { built } from "../support/built.ts";

/** Runs a command that starts a console, on a free port of this machine, and requests its front page. */
export async function askConsole(command: string, folder: string): Promise<{ readonly status: number }> {
  const words = command
    .replace(/\\\n/g, " ")
    .trim()
    .replace(/^(?:npx )?intermission /, "")
    .replace(/ --listen \S+/, "")
    .split(/\s+/);
  const parameters = [built("cli/main.js"), ...words, "--listen", "127.0.0.1:0", "--json"];
  const child = spawn(process.execPath, parameters, {
    cwd: folder,
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit");
  const complaint = text(child.stderr);
  try {
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => (said += piece));
    while (!said.includes("}")) {
      if (child.exitCode !== null) throw new Error(await complaint);
      await Promise.race([once(child.stdout, "data"), ended]);
    }
    const { url } = JSON.parse(said) as { readonly url: string };
    const response = await fetch(url);
    await response.text();
    return { status: response.status };
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
}
