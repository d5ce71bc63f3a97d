/*
 * Another process that uses the SQLite file: argv has its path and what to do. Tells its parent "held" when
 * it has the lock, and holds it until told to let go; or kills itself in the middle of a transaction.
 */
import Database from "libsql";

const [path, action] = process.argv.slice(2);
const database = new Database(path);

if (action === "die") {
  // With so small a cache, changed pages reach the file before the transaction ends: its journal is then hot.
  database.exec("pragma cache_size = 1; pragma cache_spill = 1; begin immediate");
  database.exec("update intermission set version = 99, value = 'half'; create table half (text)");
  const insert = database.prepare("insert into half values (?)");
  for (let row = 0; row < 200; row++) insert.run("x".repeat(1000));
  process.kill(process.pid, "SIGKILL");
} else {
  database.exec(`begin ${action}`);
  process.send("held");
  process.once("message", () => {
    database.exec("rollback");
    database.close();
    process.disconnect();
  });
}
