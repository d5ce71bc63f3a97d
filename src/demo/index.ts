import { once } from "node:events";
import { loadDriver } from "../stores/sqlite/driver.ts";
import { startDemonstration, type Demonstration, type DemonstrationOptions } from "./demonstration.ts";

export { startDemonstration, type Demonstration, type DemonstrationOptions } from "./demonstration.ts";

/**
 * Runs the demonstration in this process until Ctrl-C, then tidies up: no process and no file is left.
 *
 * @throws IntermissionError `bad-option` when the port is taken; `client-missing` on Node 20 without the package libsql. Error when a process does not start.
 */
export async function runDemo(options: DemonstrationOptions = {}): Promise<void> {
  // Listened for from the start: Ctrl-C may come while the first processes are being made.
  const ending = listenForEnd();
  // Its processes need SQLite: without it, this says what to install, and they would not.
  await loadDriver();
  process.stdout.write("Starting two machines of a small guest book …\n");
  let demonstration: Demonstration;
  try {
    demonstration = await startDemonstration({ ...options, signal: ending });
  } catch (error) {
    if (ending.aborted) return;
    throw error;
  }
  process.stdout.write(`
  Play a deploy   ${demonstration.panelAddress}
  The site        ${demonstration.siteAddress}

Ctrl-C ends it and tidies up.
`);
  if (!ending.aborted) await once(ending, "abort");
  process.stdout.write("Stopping the machines …\n");
  await demonstration.close();
}

function listenForEnd(): AbortSignal {
  const ending = new AbortController();
  // The listeners stay: Ctrl-C reaches a process twice under npm, and tidying up goes on, which is bounded.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      ending.abort();
    });
  }
  return ending.signal;
}
