import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createIntermission } from "intermission";
import { endWithUs } from "../harness/children.js";
import { openStore } from "./open-store.js";

const program = join(import.meta.dirname, "instances.js");

/**
 * Many instances of release v1 in a few processes, and a deploy that makes v2 the current release, and v1
 * again.
 *
 * @param options For each intermission.
 */
export async function startFleet({ url, instances, processes, batch = 20, options = {} }) {
  const deploy = await startDeploy(url);
  const children = Array.from({ length: processes }, () => fork(program, { stdio: ["ignore", 1, 2, "ipc"] }));
  for (const child of children) endWithUs(child);

  const ask = async (child, kind, task) => {
    child.send({ kind, ...task });
    for (;;) {
      const [answer] = await once(child, "message");
      if (answer.kind === kind) return answer;
    }
  };
  const askAll = (kind, task) => Promise.all(children.map((child) => ask(child, kind, task)));

  // Not all at once: that would measure how fast a server forks.
  const each = instances / processes;
  for (let started = 0; started < each; started += batch) {
    await askAll("start", { url, count: Math.min(batch, each - started), options });
  }

  return {
    /** Records the other release. Milliseconds from sending the write until each instance knew. */
    async deploy(limit = 10_000) {
      const known = askAll("expect", { verdict: deploy.nextVerdict(), limit });
      const sentAt = await deploy.record();
      return since(sentAt, await known);
    },
    /** Milliseconds until each instance has completed a read. */
    async readAgain(limit) {
      const startedAt = process.hrtime.bigint();
      return since(startedAt, await askAll("expect", { verdict: deploy.verdict(), limit }));
    },
    async storm(milliseconds, every) {
      return (await askAll("storm", { milliseconds, every })).flatMap(({ waits }) => waits);
    },
    /** Reads so far, and the durations of those answered since the last call. */
    async count() {
      const answers = await askAll("count", {});
      const sum = (name) => answers.reduce((total, answer) => total + answer[name], 0);
      return {
        answered: sum("answered"),
        failed: sum("failed"),
        milliseconds: answers.flatMap(({ milliseconds }) => milliseconds),
      };
    },
    async stop() {
      await Promise.all(children.map((child) => Promise.all([once(child, "exit"), ask(child, "end", {})])));
      await deploy.close();
    },
  };
}

function since(startedAt, answers) {
  return {
    times: answers.flatMap(({ times }) => times.map((time) => Number(BigInt(time) - startedAt) / 1e6)),
    missing: answers.reduce((sum, { missing }) => sum + missing, 0),
  };
}

/** It writes from a separate process: this one, which has no instance. */
async function startDeploy(url) {
  const store = openStore(url);
  let sentAt;
  const timed = {
    ...store,
    write(...parameters) {
      sentAt = process.hrtime.bigint();
      return store.write(...parameters);
    },
    watch: undefined,
  };
  const intermission = createIntermission({ store: timed, release: "deploy", refreshEvery: 0 });
  let current = "v1";
  await intermission.createRelease("v2", { wait: false });
  await intermission.createRelease("v1", { wait: false });
  const other = () => (current === "v1" ? "v2" : "v1");
  const verdictOf = (release) => (release === "v1" ? "regular" : "maintenance");
  return {
    verdict: () => verdictOf(current),
    nextVerdict: () => verdictOf(other()),
    async record() {
      current = other();
      await intermission.rollback(current, { wait: false });
      return sentAt;
    },
    async close() {
      await intermission.close();
      await store.close();
    },
  };
}
