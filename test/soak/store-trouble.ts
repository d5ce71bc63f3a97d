import { setTimeout as pause } from "node:timers/promises";
import type { PostgresServer } from "../servers/postgres.ts";

/** Disturbs the store's server for so many milliseconds, and resolves when it is restored. */
type Trouble = (server: PostgresServer, milliseconds: number) => Promise<void>;

/** How a store can fail for a short time. */
export const troubles: Readonly<Record<string, Trouble>> = {
  async "stopped and started again"(server, milliseconds) {
    await server.halt();
    await pause(milliseconds);
    await server.restart();
  },

  async "started again at once"(server) {
    await server.restart();
  },

  async paused(server, milliseconds) {
    const rows = await server.query("select pid from pg_stat_activity where pid <> pg_backend_pid()");
    const processes = [server.pid, ...rows.map(({ pid }) => Number(pid))];
    signal(processes, "SIGSTOP");
    await pause(milliseconds);
    signal(processes, "SIGCONT");
  },

  async "with its table locked"(server, milliseconds) {
    const seconds = String(milliseconds / 1000);
    await server.query(
      `begin; lock table intermission in access exclusive mode; select pg_sleep(${seconds}); commit`,
    );
  },

  async "with all connections cut"(server) {
    await server.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()",
    );
  },
};

function signal(processes: readonly number[], name: NodeJS.Signals): void {
  for (const pid of processes) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended by itself meanwhile.
    }
  }
}
