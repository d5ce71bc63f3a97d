import { spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { cliPath } from "./run-cli.ts";

/** Runs the verb in a new process, and resolves once it has said where it listens. */
export async function startGateway(
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{
  readonly url: string;
  readonly child: ReturnType<typeof spawn>;
  readonly said: () => string;
}> {
  const child = spawn(process.execPath, [cliPath, "gateway", "--listen", "127.0.0.1:0", ...words], {
    cwd,
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  while (!said.includes("The gateway is at")) await once(child.stderr, "data");
  return { url: /https?:\/\/[\d.:]+/.exec(said)?.[0] ?? "", child, said: () => said };
}
