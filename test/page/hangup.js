/** Prints its page at the start and after each SIGHUP, and closes on SIGUSR2. */
import { createIntermission, memoryStore } from "../../dist/index.js";

const intermission = createIntermission({
  store: memoryStore(),
  release: "v1.0",
  logger: { warn() {}, error() {} },
  onWarning({ code, message }) {
    if (code === "page-failed") console.log(`warning ${code}: ${message}`);
  },
});
await intermission.ready();

function print() {
  console.log(Buffer.from(intermission.page({ method: "GET" }).body).toString());
}

process.on("SIGHUP", print);
process.on("SIGUSR2", async () => {
  await intermission.close();
  process.off("SIGHUP", print);
  console.log("closed");
});
setTimeout(() => undefined, 60_000);
print();
