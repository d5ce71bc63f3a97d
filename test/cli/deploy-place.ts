import { runCli, temporaryFolder, type CliResult, type RunCliOptions } from "./run-cli.ts";

export type Run = (words: readonly string[], options?: Partial<RunCliOptions>) => Promise<CliResult>;

export interface Place {
  readonly cwd: string;
  readonly run: Run;
}

/** A folder with a store in which v1.0 is current. */
export async function withStore(): Promise<Place> {
  const cwd = temporaryFolder();
  const env = { MAINTENANCE_STORE: "sqlite:state.db" };
  const run: Run = (words, options) => runCli(words, { cwd, env, ...options });
  await run(["create-release", "v1.0", "--no-wait"]);
  return { cwd, run };
}

export async function statusIn({ run }: Place): Promise<Record<string, unknown>> {
  const shown = JSON.parse((await run(["status", "--json"])).stdout) as Record<string, unknown>;
  return { deploy: null, ...shown };
}
