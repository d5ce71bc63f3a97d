import { loadDriver } from "../stores/sqlite/driver.ts";

export interface Entry {
  readonly name: string;
  readonly message: string;
}

export interface GuestBook {
  /** Newest first, at most 20. */
  entries(): readonly Entry[];
  sign(entry: Entry): void;
  close(): void;
}

/** What the migration renames: v1.0 of the guest book uses `author`, every later release `name`. */
export type NameColumn = "author" | "name";

/** The traffic never stops signing, but the file must not grow forever. */
const maximumEntries = 200;

export async function openGuestBook(path: string, column: NameColumn): Promise<GuestBook> {
  const openConnection = await loadDriver();
  const connection = openConnection(path);
  connection.exec("pragma busy_timeout = 2000");

  return {
    entries() {
      const select = connection.prepare(
        `select ${column} as name, message from entries order by id desc limit 20`,
      );
      return select.all() as Entry[];
    },
    sign({ name, message }) {
      connection.prepare(`insert into entries (${column}, message) values (?, ?)`).run(name, message);
      connection.exec(
        `delete from entries where id <= (select max(id) from entries) - ${String(maximumEntries)}`,
      );
    },
    close() {
      connection.close();
    },
  };
}
