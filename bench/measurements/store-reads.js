import { createIntermission } from "intermission";
import { postgresStore } from "intermission/stores/postgres";
import { page, regularError } from "../harness/expectations.js";
import { startPostgres } from "../harness/postgres.js";
import { startServer } from "../harness/server.js";
import { browserHeaders, runWrk } from "../harness/wrk.js";

export const name = "store-reads";
export const about = "What a storm of errors costs the store: an Express instance, and PostgreSQL";

const target = 1;
const storm = 10;

export async function measure({ folder, say }) {
  const postgres = await startPostgres();
  try {
    await recordRelease(postgres.urlFor("deploy"));
    const rows = [];
    for (const [title, release, expectation] of [
      ["the page (releases differ)", "v1.0", page()],
      ["the regular error (releases match)", "v1.1", regularError],
    ]) {
      rows.push(await measureOne({ postgres, title, release, expectation, folder, say }));
    }
    return {
      columns: [
        "answered with",
        "seconds",
        "errors answered",
        "reads",
        "reads a second",
        "shortest time between two, ms",
        "target",
        "reached",
      ],
      rows,
      notes: [
        "Counted in PostgreSQL's own log (log_statement=all): each message that the instance sent while wrk ran. A message is one round trip: a time limit, and one select of one row.",
      ],
    };
  } finally {
    await postgres.stop();
  }
}

async function measureOne({ postgres, title, release, expectation, folder, say }) {
  const application = `instance-${release}`;
  const environment = {
    MAINTENANCE_STORE: postgres.urlFor(application),
    MAINTENANCE_PAGE_RELEASE: release,
  };
  const server = await startServer({ app: "express-page", environment }, folder);
  try {
    const url = `${server.url}/broken`;
    await expectation(url, browserHeaders);
    const start = Date.now();
    const { requests } = await runWrk(url, storm, { headers: browserHeaders, failing: true });
    const end = Date.now();
    const messages = postgres.messagesOf(application).filter(({ at }) => at >= start && at <= end);
    const gaps = messages.slice(1).map(({ at }, index) => at - messages[index].at);
    const seconds = (end - start) / 1000;
    // Reads a second apart, of which the first falls at the very start, are one more than the whole seconds.
    const allowed = Math.floor(seconds * target) + 1;
    say(`${title}: ${messages.length} reads in ${seconds.toFixed(1)} s, ${requests} errors`);
    return [
      title,
      seconds.toFixed(1),
      String(requests),
      String(messages.length),
      (messages.length / seconds).toFixed(2),
      gaps.length === 0 ? "" : Math.min(...gaps).toFixed(0),
      `at most ${target} a second`,
      messages.length > 0 && messages.length <= allowed ? "yes" : "no",
    ];
  } finally {
    await server.stop();
  }
}

async function recordRelease(url) {
  const store = postgresStore({ url });
  const intermission = createIntermission({ store, release: "v1.1", refreshEvery: 0 });
  await intermission.createRelease("v1.1", { wait: false });
  await intermission.close();
  await store.close();
}
