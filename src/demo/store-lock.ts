import { loadDriver } from "../stores/sqlite/driver.ts";

/**
 * Blocks a SQLite store like another program's long transaction: with an exclusive lock, so that no process
 * can read or write. Returns what lifts it.
 */
export async function lockStore(path: string): Promise<() => void> {
  const openConnection = await loadDriver();
  const connection = openConnection(path);
  try {
    connection.exec("pragma busy_timeout = 2000");
    connection.exec("begin exclusive");
  } catch (error) {
    connection.close();
    throw error;
  }
  return () => {
    connection.exec("rollback");
    connection.close();
  };
}
