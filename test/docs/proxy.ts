import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { listen } from "../support/http.ts";
import { built } from "../support/built.ts";

/**
 * Runs a command that starts a gateway, on a free port and with our app as its upstream, and sends it one
 * request.
 */
export async function askThrough(command: string, folder: string): Promise<{ readonly body: string }> {
  const app = await listen(createServer((_, response) => response.end("the app")));
  const words = command
    .trim()
    .replace(/^(?:npx )?intermission /, "")
    .replace(/ --listen \S+/, "")
    .replace(/http:\/\/[\d.]+:\d+/g, app.url)
    .split(/\s+/);
  const parameters = [built("cli/main.js"), ...words, "--listen", "127.0.0.1:0"];
  const child = spawn(process.execPath, parameters, {
    cwd: folder,
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(child, "exit");
  try {
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    while (!said.includes("The gateway is at")) {
      if (child.exitCode !== null) throw new Error(said);
      await Promise.race([once(child.stderr, "data"), ended]);
    }
    const response = await fetch(/http:\/\/[\d.:]+/.exec(said)?.[0] ?? "");
    return { body: await response.text() };
  } finally {
    child.kill("SIGTERM");
    await ended;
    await app.close();
  }
}
