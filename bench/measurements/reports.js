import { fork } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createIntermission } from "intermission";
import { postgresStore } from "intermission/stores/postgres";
import { endWithUs } from "../harness/children.js";
import { treeTime } from "../harness/machine.js";
import { startPostgres } from "../harness/postgres.js";

export const name = "reports";
export const about = "What reports of 1,000 instances cost the store: PostgreSQL";

const root = resolve(import.meta.dirname, "../..");
const processes = 4;
const instances = 1000;
const target = 70;
/** Seconds: the first reports are over, and each instance reports twice. */
const settle = 20;
const measured = 33;

export async function measure({ say }) {
  const rows = [];
  const figures = [];
  for (const [title, kinds] of [
    ["nothing was masked", 0],
    ["ten kinds of errors were masked", 10],
  ]) {
    const figure = await measureOne(kinds);
    say(
      `${title}: ${figure.writes} writes in ${figure.seconds.toFixed(1)} s, ${figure.cpu.toFixed(2)} s of CPU`,
    );
    figures.push({ title, ...figure });
    const rate = figure.writes / figure.seconds;
    rows.push([
      title,
      String(figure.listed),
      String(figure.bytes),
      rate.toFixed(1),
      `<= ${target}`,
      rate <= target ? "yes" : "no",
      `${((100 * figure.cpu) / figure.seconds).toFixed(1)} %`,
      ((1000 * figure.cpu) / figure.writes).toFixed(2),
    ]);
  }
  return {
    columns: [
      "instances of which",
      "listed",
      "bytes of a report",
      "messages a second",
      "target",
      "reached",
      "PostgreSQL's CPU, of one core",
      "ms of CPU for a message",
    ],
    rows,
    figures,
    notes: [
      `${instances} instances in ${processes} processes, each with 4 connections, over ${measured} s, ${settle} s after their start. Counted in PostgreSQL's own log (log_statement=all): every message that names the table of reports, deletions included. CPU: user and system time of the server and all its processes, which log each message; fsync is off.`,
    ],
  };
}

async function measureOne(kinds) {
  const postgres = await startPostgres();
  const children = [];
  try {
    const admin = postgresStore({ url: postgres.urlFor("deploy") });
    const deploy = createIntermission({ store: admin, release: "v1.1", report: false, refreshEvery: 0 });
    await deploy.createRelease("v1.1", { wait: false });
    for (let index = 0; index < processes; index++) {
      const child = fork(join(root, "bench/apps/reporters.js"), {
        cwd: root,
        env: {
          PATH: process.env.PATH,
          MAINTENANCE_STORE: postgres.urlFor("instances"),
          COUNT: String(instances / processes),
          KINDS: String(kinds),
        },
      });
      endWithUs(child);
      children.push(child);
    }
    await Promise.all(children.map((child) => once(child, "message")));
    await pause(settle * 1000);
    const [begun, cpuBefore] = [Date.now(), treeTime(postgres.pid)];
    await pause(measured * 1000);
    const [ended, cpuAfter] = [Date.now(), treeTime(postgres.pid)];
    const writes = postgres
      .messagesOf("instances")
      .filter(({ at, sql }) => at >= begun && at <= ended && sql.includes("intermission_report")).length;
    const { reports } = await admin.reports.list("default", 60_000);
    if (reports.length !== instances) throw new Error(`${reports.length} instances have reported`);
    await Promise.all([deploy.close(), admin.close()]);
    return {
      seconds: (ended - begun) / 1000,
      writes,
      cpu: cpuAfter - cpuBefore,
      listed: reports.length,
      bytes: Buffer.byteLength(reports[0].value),
    };
  } finally {
    for (const child of children) child.kill("SIGKILL");
    await postgres.stop();
  }
}
