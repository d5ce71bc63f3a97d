import { once } from "node:events";
import { loadDriver } from "../stores/sqlite/driver.ts";
import { startDemonstration, type Demonstration, type DemonstrationOptions } from "./demonstration.ts";

export { startDemonstration, type Demonstration, type DemonstrationOptions } from "./demonstration.ts";

/**
 * Runs the demonstration in this process until Ctrl-C, then cleans up: no process or file is left.
 *
 * @throws IntermissionError `bad-option` if the port is taken; `client-missing` on Node 20 without the
 * package libsql. Error if a process does not start.
 */
export async function runDemo(options: DemonstrationOptions = {}): Promise<void> {
  // Listens from the start: Ctrl-C may come while the first processes start.
  const ending = listenForEnd();
  // Its processes need SQLite: this says what to install; they would not.
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
  // The listeners stay: under npm, Ctrl-C reaches a process twice, and the cleanup goes on; it has a time
  // limit.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      ending.abort();
    });
  }
  return ending.signal;
}
