import { createIntermission } from "intermission";
import { postgresStore } from "intermission/stores/postgres";
import { page, regularError } from "../harness/expectations.js";
import { startPostgres } from "../harness/postgres.js";
import { startServer } from "../harness/server.js";
import { browserHeaders, runWrk } from "../harness/wrk.js";

export const name = "store-reads";
export const about = "What a storm of errors costs the store: an Express instance, and PostgreSQL";

const target = 1;
const stormLength = 10;

export async function measure({ folder, say }) {
  const postgres = await startPostgres();
  try {
    await recordRelease(postgres.urlFor("deploy"));
    const rows = [];
    const figures = [];
    for (const [title, release, expectation] of [
      ["the page (releases differ)", "v1.0", page()],
      ["the regular error (releases match)", "v1.1", regularError],
    ]) {
      const storm = await measureOne({ postgres, title, release, expectation, folder });
      say(
        `${title}: ${storm.arrivals.length} reads in ${storm.seconds.toFixed(1)} s, ${storm.errors} errors`,
      );
      figures.push({ title, ...storm });
      rows.push(toRow(title, storm));
    }
    return {
      columns: [
        "answered with",
        "seconds",
        "errors answered",
        "reads",
        "shortest time between two arrivals, ms",
        "target",
        "reached",
      ],
      rows,
      figures,
      notes: [
        "Counted in PostgreSQL's own log (log_statement=all): each message that the instance sent while wrk ran. A message is one round trip: a time limit, and one select of one row. The times are those of its arrival, so the time between two holds the delays of a busy process.",
      ],
    };
  } finally {
    await postgres.stop();
  }
}

async function measureOne({ postgres, title, release, expectation, folder }) {
  const application = `instance-${release}`;
  const environment = {
    MAINTENANCE_STORE: postgres.urlFor(application),
    MAINTENANCE_PAGE_RELEASE: release,
    // They are measured separately.
    MAINTENANCE_REPORT: "false",
  };
  const server = await startServer({ app: "express-page", environment }, folder);
  try {
    const url = `${server.url}/broken`;
    await expectation(url, browserHeaders);
    const start = Date.now();
    const { requests } = await runWrk(url, stormLength, { headers: browserHeaders, failing: true });
    const end = Date.now();
    const arrivals = postgres
      .messagesOf(application)
      .map(({ at }) => at)
      .filter((at) => at >= start && at <= end);
    if (arrivals.length < 2) throw new Error(`${title}: ${arrivals.length} reads were logged`);
    return { seconds: (end - start) / 1000, errors: requests, arrivals };
  } finally {
    await server.stop();
  }
}

function toRow(title, { seconds, errors, arrivals }) {
  const gaps = arrivals.slice(1).map((at, index) => at - arrivals[index]);
  // Reads a second apart number one more than the seconds they span.
  const allowed = Math.floor(seconds * target) + 1;
  return [
    title,
    seconds.toFixed(1),
    String(errors),
    String(arrivals.length),
    Math.min(...gaps).toFixed(0),
    `<= ${allowed} (${target} a second)`,
    arrivals.length <= allowed ? "yes" : "no",
  ];
}

async function recordRelease(url) {
  const store = postgresStore({ url });
  const intermission = createIntermission({ store, release: "v1.1", refreshEvery: 0 });
  await intermission.createRelease("v1.1", { wait: false });
  await intermission.close();
  await store.close();
}
