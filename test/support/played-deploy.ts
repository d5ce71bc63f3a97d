import type { Store } from "../../src/core/ports.ts";
import { noteChange, type Deed } from "../../src/core/state/changes.ts";
import { encodeState, type State } from "../../src/core/state/state.ts";
import { encodeReport, type MaskedKind } from "../../src/reports/report.ts";
import { createSteps, stepLength } from "../../src/reports/steps.ts";

export interface PlayedDeploy {
  readonly app?: string;
  readonly instances?: number;
  /** How many of them run the new release. */
  readonly replaced?: number;
  /** How many releases are recorded. */
  readonly releases?: number;
  /** Since the deploy began. Milliseconds. @default six minutes */
  readonly elapsed?: number;
  /** The deploy is over. */
  readonly isOver?: boolean;
}

const minute = 60_000;

/** Fills a store with what a deploy of `v1.1` leaves in it. */
export async function playDeploy(
  store: Store,
  {
    app = "shop",
    instances = 12,
    replaced = 7,
    releases = 8,
    elapsed = 6 * minute,
    isOver = false,
  }: PlayedDeploy = {},
): Promise<{ readonly begunAt: number }> {
  const now = Date.now();
  const begunAt = now - elapsed;
  const by = "deploy@runner-7";
  const earlier = Array.from({ length: releases - 2 }, (_, index) => ({
    id: `v0.${String(index)}`,
    at: begunAt - (releases - index) * 86_400_000,
  }));
  const v1 = { id: "v1.0", at: begunAt - 40 * minute };
  let state: State = {
    releases: [...earlier, v1, { id: "v1.1", at: begunAt }],
    mode: "auto",
    deployTimes: [8 * minute],
    ...(isOver
      ? {}
      : {
          deploy: { release: "v1.1", openedAt: begunAt, leaseUntil: now + minute, by, previous: "v1.0" },
        }),
  };
  const deeds: readonly (readonly [number, Deed])[] = [
    [v1.at, { kind: "deploy-begun", release: "v1.0" }],
    [v1.at + 5 * minute, { kind: "deploy-ended", release: "v1.0", outcome: "succeeded" }],
    [begunAt, { kind: "deploy-begun", release: "v1.1" }],
    ...(isOver
      ? ([[begunAt + 5 * minute, { kind: "deploy-ended", release: "v1.1", outcome: "succeeded" }]] as const)
      : []),
  ];
  for (const [at, deed] of deeds) state = noteChange(state, { at, by, deed });
  await store.write(app, encodeState(state), 0);

  const { reports } = store;
  if (reports === undefined) return { begunAt };
  const lastSeen = new Map<string, number>();
  Object.assign(store, {
    reports: {
      ...reports,
      list: async (name: string, within?: number) => {
        const list = await reports.list(name, within);
        const seen = list.reports.map((one) => ({ ...one, at: lastSeen.get(`${name} ${one.id}`) ?? one.at }));
        return { ...list, reports: seen };
      },
    },
  });
  for (let index = 0; index < instances; index++) {
    const isReplaced = index < replaced;
    const goneAt = begunAt + 30_000 + (index * (elapsed - 2 * minute)) / Math.max(1, replaced);
    await put(`old-${String(index)}`, {
      name: `web-${String(index + 1)}`,
      release: "v1.0",
      startedAt: v1.at + 60_000,
      stopped: isReplaced,
      errorsUntil: isReplaced ? goneAt : now,
      errors: index % 3 === 0 ? 2 : index % 5,
    });
    if (isReplaced)
      await put(`new-${String(index)}`, {
        name: `web-${String(index + 1)}`,
        release: "v1.1",
        startedAt: goneAt + 4000,
        stopped: false,
        errorsUntil: begunAt,
        errors: 0,
      });
  }
  return { begunAt };

  async function put(
    id: string,
    one: {
      readonly name: string;
      readonly release: string;
      readonly startedAt: number;
      readonly stopped: boolean;
      readonly errorsUntil: number;
      readonly errors: number;
    },
  ): Promise<void> {
    const steps = createSteps();
    let count = 0;
    for (let at = begunAt + 5000; at < one.errorsUntil; at += stepLength)
      for (let error = 0; error < one.errors; error++, count++) steps.add(at);
    const regular = createSteps();
    if (id === "old-1") for (let at = v1.at; at < begunAt; at += 5 * minute) regular.add(at);
    const kind: Omit<MaskedKind, "route" | "error" | "code" | "count"> = {
      ...{ release: "v1.1", status: 500 },
      firstAt: begunAt + 5000,
      lastAt: one.errorsUntil,
    };
    const some = Math.ceil(count / 3);
    const masked: readonly MaskedKind[] = [
      { ...kind, route: "/orders/:id", error: "DatabaseError", code: "42703", count: some },
      { ...kind, route: "/basket", error: "TypeError", code: null, count: count - some },
    ].filter((each) => each.count > 0);
    const value = encodeReport({
      ...{ name: one.name, host: "host-a", pid: 1, release: one.release, version: "0.2.0" },
      ...{ startedAt: one.startedAt, stopped: one.stopped, masked },
      steps: { masked: steps.encode(), regular: regular.encode() },
    });
    if (one.stopped) lastSeen.set(`${app} ${id}`, one.errorsUntil);
    await reports?.put(app, id, value, 3_600_000);
  }
}
