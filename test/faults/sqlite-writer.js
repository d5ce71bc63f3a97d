/*
 * Another process that has the SQLite file in its hands: argv is its path and what to do. Says "held" to its parent
 * when it has the lock, and holds it until it is told to let go; or kills itself in the middle of a transaction.
 */
import Database from "libsql";

const [path, action] = process.argv.slice(2);
const database = new Database(path);

if (action === "die") {
  // So small a cache that changed pages reach the file before the transaction is over: its journal is hot then.
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
