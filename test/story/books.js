import Database from "libsql";
import pg from "pg";

/** The library's own database, separate from Intermission's store: a SQLite file or PostgreSQL. */
export function openBooks(url) {
  return url.startsWith("postgres:") ? openPostgres(url) : openSqlite(url);
}

const create = "create table book (title text, author text)";
const fill = "insert into book values ('Momo', 'Ende'), ('Solaris', 'Lem')";
/** The migration that breaks release v1.0. */
const rename = "alter table book rename column author to writer";
const undo = "alter table book rename column writer to author";

function openSqlite(path) {
  const database = new Database(path);
  database.exec("pragma journal_mode = wal; pragma busy_timeout = 5000");
  return {
    create: async () => void database.exec(`${create}; ${fill}`),
    migrate: async () => void database.exec(rename),
    migrateBack: async () => void database.exec(undo),
    list: async (column) => database.prepare(`select title, ${column} from book order by title`).all(),
    close: async () => void database.close(),
  };
}

function openPostgres(url) {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  pool.on("error", () => {});
  return {
    create: async () => {
      await pool.query(create);
      await pool.query(fill);
    },
    migrate: () => pool.query(rename),
    migrateBack: () => pool.query(undo),
    list: async (column) => (await pool.query(`select title, ${column} from book order by title`)).rows,
    close: () => pool.end(),
  };
}
