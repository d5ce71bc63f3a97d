import { loadDriver } from "../stores/sqlite/driver.ts";

// Run by a deploy: `node migration.js create|up|down`, with the guest book's file in GUEST_BOOK.

const createEntries = `
create table entries (id integer primary key, author text not null, message text not null);
insert into entries (author, message) values
  ('Ada', 'The lemon cake is a proof.'),
  ('Grace', 'Found a moth in the tea room. Left it a crumb.'),
  ('Edsger', 'The shortest path here is worth it.'),
  ('Katherine', 'Counted the stars from your terrace. All there.')`;

const migrations: Readonly<Record<string, { readonly sql: string; readonly done: string }>> = {
  create: { sql: createEntries, done: "Created the table entries." },
  up: {
    sql: "alter table entries rename column author to name",
    done: "Renamed the column entries.author to name.",
  },
  down: {
    sql: "alter table entries rename column name to author",
    done: "Renamed the column entries.name back to author.",
  },
};

const migration = migrations[process.argv[2] ?? ""];
const path = process.env["GUEST_BOOK"];
if (migration === undefined || path === undefined) {
  throw new Error("Usage: GUEST_BOOK=file node migration.js create|up|down");
}

const openConnection = await loadDriver();
const connection = openConnection(path);
connection.exec("pragma busy_timeout = 5000");
connection.exec(migration.sql);
connection.close();
console.log(migration.done);
