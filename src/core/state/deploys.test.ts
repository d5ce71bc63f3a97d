import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide } from "../decide.ts";
import { currentRelease, emptyState, type State } from "./state.ts";
import { aliveDeploy, closeDeploy, openDeploy, renewDeploy } from "./deploys.ts";
import { recordRelease, rollBack } from "./releases.ts";

const lease = 30;
const recorded = (...ids: readonly string[]): State =>
  ids.reduce((state, id, index) => recordRelease(state, id, index).state, emptyState);
const ids = (state: State): readonly string[] => state.releases.map(({ id }) => id);
const open = (state: State, release: string, now: number, more: { id?: string; takeOver?: boolean } = {}) =>
  openDeploy(state, { release, id: "one", by: "ann@ci", lease, ...more }, now);

describe("openDeploy", () => {
  test("records the release and opens its deploy in one step", () => {
    const { state, outcome, deploy } = open(recorded("v1.0"), "v1.1", 100);
    expect(outcome).toBe("recorded");
    expect(currentRelease(state)).toEqual({ id: "v1.1", at: 100 });
    expect(deploy).toEqual({
      release: "v1.1",
      id: "one",
      by: "ann@ci",
      openedAt: 100,
      leaseUntil: 130,
      previous: "v1.0",
    });
  });

  test("keeps a name of 64 characters at most", () => {
    const { deploy } = openDeploy(emptyState, { release: "v1", id: "one", by: "🚀".repeat(100), lease }, 0);
    expect(deploy.by).toBe("🚀".repeat(64));
  });

  test("of the current release begins no new window, and has nothing to go back to", () => {
    const { state, outcome, deploy } = open(recorded("v1.0"), "v1.0", 100);
    expect(outcome).toBe("already-current");
    expect(currentRelease(state)).toEqual({ id: "v1.0", at: 0 });
    expect(deploy).not.toHaveProperty("previous");
  });

  test("while one is open is refused with who opened it, and when", () => {
    const { state } = open(recorded("v1.0"), "v1.1", 0);
    expect(() => open(state, "v1.2", 29, { id: "two" })).toThrow(
      expect.objectContaining({
        code: "deploy-open",
        problem: "A deploy of v1.1 is open, by ann@ci since 1970-01-01T00:00:00.000Z",
      }),
    );
  });

  test("takes over when it is told to, and names the deploy that it has ended", () => {
    const first = open(recorded("v1.0"), "v1.1", 0);
    const second = open(first.state, "v1.2", 10, { id: "two", takeOver: true });
    expect(second).toMatchObject({ takenOver: first.deploy, deploy: { id: "two" } });
    expect(second).not.toHaveProperty("lost");
  });

  test("after a lost one needs no leave, and names it", () => {
    const first = open(recorded("v1.0"), "v1.1", 0);
    const second = open(first.state, "v1.2", 30, { id: "two" });
    expect(second).toMatchObject({ lost: first.deploy, deploy: { id: "two" } });
    expect(second).not.toHaveProperty("takenOver");
  });

  test.each([
    ["the same release again", "v1.1"],
    ["the next one", "v1.2"],
  ])("after one that never ended goes back to what was before that: %s", (_, release) => {
    const first = open(recorded("v1.0"), "v1.1", 0).state;
    const { state } = open(first, release, 30, { id: "two" });
    const closed = closeDeploy(state, { id: "two", restore: true }, 40);
    expect(closed.restored).toBe("v1.0");
    expect(currentRelease(closed.state)?.id).toBe("v1.0");
  });

  test("of a release known from before is refused, and changes nothing", () => {
    expect(() => open(recorded("v1.0", "v1.1"), "v1.0", 9)).toThrow(
      expect.objectContaining({ code: "known-release" }),
    );
  });
});

describe("renewDeploy", () => {
  test("lengthens the lease from now", () => {
    expect(renewDeploy(open(recorded("v1.0"), "v1.1", 0).state, "one", lease, 20).deploy.leaseUntil).toBe(50);
  });

  test("brings back one whose machine has slept, as long as nobody else has begun", () => {
    const { state } = renewDeploy(open(recorded("v1.0"), "v1.1", 0).state, "one", lease, 500);
    expect(aliveDeploy(state, 529)).toBeDefined();
  });

  test("of a deploy that was taken over says by whom", () => {
    const state = open(open(recorded("v1.0"), "v1.1", 0).state, "v1.2", 1, {
      id: "two",
      takeOver: true,
    }).state;
    expect(() => renewDeploy(state, "one", lease, 2)).toThrow(
      expect.objectContaining({
        code: "deploy-gone",
        problem: "The deploy was taken over by ann@ci, with v1.2",
      }),
    );
  });

  test("of a closed deploy is refused", () => {
    const { state } = closeDeploy(open(recorded("v1.0"), "v1.1", 0).state, { id: "one" }, 1);
    expect(() => renewDeploy(state, "one", lease, 2)).toThrow(
      expect.objectContaining({ code: "deploy-gone", problem: "No deploy is open" }),
    );
  });
});

describe("closeDeploy", () => {
  const state = open(recorded("v1.0"), "v1.1", 10).state;

  test("leaves the release current", () => {
    const closed = closeDeploy(state, { id: "one" }, 20);
    expect(closed.state).toEqual({ ...emptyState, releases: state.releases });
    expect(closed).not.toHaveProperty("restored");
  });

  test("makes the earlier release current again when it is told to", () => {
    const closed = closeDeploy(state, { id: "one", restore: true }, 20);
    expect(closed.restored).toBe("v1.0");
    expect(currentRelease(closed.state)).toEqual({ id: "v1.0", at: 20 });
    expect(ids(closed.state)).toEqual(["v1.1", "v1.0"]);
  });

  test.each([
    ["another was recorded", recordRelease(state, "v1.2", 15).state, "v1.2"],
    ["somebody went back", rollBack(state, "v1.0", 15).state, "v1.0"],
  ])("leaves what has become current meanwhile: %s", (_, meanwhile, current) => {
    const closed = closeDeploy(meanwhile, { id: "one", restore: true }, 20);
    expect(closed).not.toHaveProperty("restored");
    expect(currentRelease(closed.state)?.id).toBe(current);
    expect(closed.state).not.toHaveProperty("deploy");
  });

  test("without an id closes whichever is open, but none of another release than the one that is named", () => {
    expect(closeDeploy(state, {}, 20).deploy.release).toBe("v1.1");
    expect(closeDeploy(state, { release: "v1.1" }, 20).deploy.release).toBe("v1.1");
    expect(() => closeDeploy(state, { release: "v1.2" }, 20)).toThrow(
      expect.objectContaining({
        code: "deploy-gone",
        problem: "No deploy of v1.2 is open, but one of v1.1, by ann@ci",
      }),
    );
  });
});

/** What an observer would write down. */
interface Model {
  now: number;
  order: string[];
  deploy?: { id: string; release: string; until: number; previous: string | undefined } | undefined;
}
interface Real {
  state: State;
}

const current = (model: Model): string | undefined => model.order.at(-1);
const becomesCurrent = (model: Model, release: string): void => {
  model.order = [...model.order.filter((id) => id !== release), release];
};
const codeOf = (work: () => void): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as { readonly code?: string }).code;
  }
};

/** What must hold after every step. */
function expectSound(model: Model, { state }: Real, before: State): void {
  expect(ids(state)).toEqual(model.order);
  const alive = model.deploy !== undefined && model.now < model.deploy.until;
  expect(aliveDeploy(state, model.now) !== undefined).toBe(alive);
  expect(state.deploy?.id).toBe(model.deploy?.id);
  const { reason } = decide(
    { manual: false, exempt: [] },
    currentRelease(state)?.id,
    state,
    { status: 500 },
    model.now,
  );
  expect(reason === "deploy-open", "an instance that matches is masked exactly while one is open").toBe(
    alive,
  );
  const was = currentRelease(before)?.id;
  if (was !== undefined && was !== currentRelease(state)?.id) expect(ids(state)).toContain(was);
}

type Step = fc.Command<Model, Real>;

function step(name: string, run: (model: Model, real: Real) => void): Step {
  return {
    check: () => true,
    run(model, real) {
      const before = real.state;
      run(model, real);
      expectSound(model, real, before);
    },
    toString: () => name,
  };
}

const opening = (release: string, id: string, takeOver: boolean): Step =>
  step(`open ${release} as ${id}${takeOver ? " by force" : ""}`, (model, real) => {
    const running = model.deploy !== undefined && model.now < model.deploy.until;
    const known = model.order.includes(release) && current(model) !== release;
    const expected = running && !takeOver ? "deploy-open" : known ? "known-release" : undefined;
    const code = codeOf(() => {
      const result = openDeploy(real.state, { release, id, by: "x", lease, takeOver }, model.now);
      expect(result.takenOver?.id).toBe(running ? model.deploy?.id : undefined);
      expect(result.lost?.id).toBe(running ? undefined : model.deploy?.id);
      real.state = result.state;
    });
    expect(code).toBe(expected);
    if (expected !== undefined) return;
    const { deploy: unfinished } = model;
    const before = unfinished?.release === current(model) ? unfinished?.previous : undefined;
    const previous = before ?? current(model);
    model.deploy = {
      id,
      release,
      until: model.now + lease,
      previous: previous === release ? undefined : previous,
    };
    becomesCurrent(model, release);
  });

const renewing = (id: string): Step =>
  step(`renew ${id}`, (model, real) => {
    const code = codeOf(() => {
      real.state = renewDeploy(real.state, id, lease, model.now).state;
    });
    expect(code).toBe(model.deploy?.id === id ? undefined : "deploy-gone");
    if (model.deploy?.id === id) model.deploy.until = model.now + lease;
  });

const closing = (id: string, restore: boolean): Step =>
  step(`close ${id}${restore ? " and restore" : ""}`, (model, real) => {
    const { deploy } = model;
    const code = codeOf(() => {
      real.state = closeDeploy(real.state, { id, restore }, model.now).state;
    });
    expect(code).toBe(deploy?.id === id ? undefined : "deploy-gone");
    if (deploy?.id !== id) return;
    model.deploy = undefined;
    if (restore && deploy.previous !== undefined && current(model) === deploy.release)
      becomesCurrent(model, deploy.previous);
  });

const recording = (release: string): Step =>
  step(`create-release ${release}`, (model, real) => {
    real.state = recordRelease(real.state, release, model.now).state;
    if (!model.order.includes(release)) becomesCurrent(model, release);
  });

const goingBack = (release: string | undefined): Step =>
  step(`rollback ${release ?? ""}`, (model, real) => {
    const target = release ?? model.order.at(-2);
    const code = codeOf(() => {
      real.state = rollBack(real.state, release, model.now).state;
    });
    const possible = target !== undefined && model.order.includes(target);
    expect(code === undefined).toBe(possible);
    if (possible) becomesCurrent(model, target);
  });

const passing = (time: number): Step =>
  step(`${String(time)} ms pass`, (model) => {
    model.now += time;
  });

test("whatever pipelines and operators do in whatever order, the state is the one that the model says", () => {
  const release = fc.constantFrom("v1", "v2", "v3", "v4", "v5", "v6");
  const id = fc.constantFrom("a", "b", "c");
  const commands = fc.commands(
    [
      fc.tuple(release, id, fc.boolean()).map((parameters) => opening(...parameters)),
      id.map(renewing),
      fc.tuple(id, fc.boolean()).map((parameters) => closing(...parameters)),
      release.map(recording),
      fc.option(release, { nil: undefined }).map(goingBack),
      fc.integer({ min: 1, max: lease + 1 }).map(passing),
    ],
    { maxCommands: 60 },
  );
  fc.assert(
    fc.property(commands, (sequence) => {
      fc.modelRun(() => ({ model: { now: 0, order: [] }, real: { state: emptyState } }), sequence);
    }),
    { numRuns: 1000 },
  );
});
