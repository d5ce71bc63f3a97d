/*
 * The console of an app with 1,000 instances and 200 releases, half-way through a deploy. `/counts` says what
 * the store was asked for.
 */
import { createServer } from "node:http";
import { memoryStore } from "intermission";
import { consoleListener } from "intermission/server";
import { encodeState } from "../../dist/core/state/state.js";
import { encodeReport } from "../../dist/reports/report.js";
import { createSteps } from "../../dist/reports/steps.js";
import { listen } from "./listen.js";

const instances = 1000;
const releases = 200;
const minute = 60_000;
const now = Date.now();

const store = memoryStore();
const recorded = Array.from({ length: releases }, (_, index) => ({
  id: `v1.${index}`,
  at: now - (releases - index) * 10 * minute,
}));
const [previous, current] = recorded.slice(-2);
const deploy = { release: current.id, openedAt: current.at, leaseUntil: now + 60 * minute, by: "ann@ci" };
await store.write(
  "default",
  encodeState({
    releases: recorded,
    mode: "auto",
    deployTimes: [15 * minute],
    deploy: { ...deploy, previous: previous.id },
  }),
  0,
);
for (let index = 0; index < instances; index++) {
  const isOld = index % 2 === 0;
  const steps = createSteps();
  for (let at = current.at; isOld && at < now; at += 15_000) steps.add(at);
  const kind = {
    release: current.id,
    status: 500,
    route: "/orders/:id",
    error: "DatabaseError",
    code: "42703",
  };
  const value = encodeReport({
    ...{ name: `web-${index}`, host: `host-${index}`, pid: 1, release: isOld ? previous.id : current.id },
    ...{ version: "0.2.0", startedAt: isOld ? previous.at : current.at, stopped: false },
    masked: isOld ? [{ ...kind, count: 40, firstAt: current.at, lastAt: now }] : [],
    ...(isOld ? { steps: { masked: steps.encode(), regular: [] } } : {}),
  });
  await store.reports.put("default", String(index), value, 60 * minute);
}

const counts = { reads: 0, lists: 0 };
const counted = {
  ...store,
  read(...words) {
    counts.reads++;
    return store.read(...words);
  },
  reports: {
    ...store.reports,
    list(...words) {
      counts.lists++;
      return store.reports.list(...words);
    },
  },
};
const show = consoleListener({ store: counted, visitor: () => ({ name: "ann", mayChange: true }) });
await listen(
  createServer((request, response) => {
    if (request.url === "/counts") response.end(JSON.stringify(counts));
    else show(request, response);
  }),
);
