import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { currentRelease, emptyState, type State } from "./state.ts";
import { historyLimit, historySizeLimit, importReleases, recordRelease, rollBack } from "./releases.ts";

const recorded = (...ids: readonly string[]): State =>
  ids.reduce((state, id, index) => recordRelease(state, id, index).state, emptyState);
const ids = (state: State): readonly string[] => state.releases.map((release) => release.id);

describe("recordRelease", () => {
  test("makes a new release current", () => {
    const { state, outcome } = recordRelease(recorded("v1.0"), "v1.1", 7);
    expect(outcome).toBe("recorded");
    expect(currentRelease(state)).toEqual({ id: "v1.1", at: 7 });
    expect(ids(state)).toEqual(["v1.0", "v1.1"]);
  });

  test("goes by what came last, not by how versions are numbered", () => {
    expect(currentRelease(recorded("v2.0", "v3.0", "v1.0"))?.id).toBe("v1.0");
  });

  test("leaves the state as it is when the release is current already", () => {
    const state = recorded("v1.0", "v1.1");
    expect(recordRelease(state, "v1.1", 9)).toEqual({ state, outcome: "already-current" });
  });

  test("does not turn back to a release known from before", () => {
    const state = recorded("v1.0", "v1.1");
    const again = recordRelease(state, "v1.0", 9);
    expect(again.outcome).toBe("known");
    expect(again.state).toBe(state);
  });

  test("keeps the newest two hundred", () => {
    const state = recorded(...Array.from({ length: historyLimit + 5 }, (_, index) => `v${String(index)}`));
    expect(state.releases).toHaveLength(historyLimit);
    expect(state.releases[0]?.id).toBe("v5");
    expect(currentRelease(state)?.id).toBe(`v${String(historyLimit + 4)}`);
  });
});

describe("importReleases", () => {
  const earlier = (...ids: readonly string[]) => ids.map((id, index) => ({ id, at: index - 1000 }));

  test("makes the last one current where nothing is recorded", () => {
    const { state, imported } = importReleases(emptyState, earlier("v0.8", "v0.9"));
    expect(ids(state)).toEqual(["v0.8", "v0.9"]);
    expect(imported).toEqual(state.releases);
  });

  test("puts them before what is recorded", () => {
    const { state } = importReleases(recorded("v1.0", "v1.1"), earlier("v0.9", "v1.0"));
    expect(ids(state)).toEqual(["v0.9", "v1.0", "v1.1"]);
    expect(state.releases.slice(1)).toEqual(recorded("v1.0", "v1.1").releases);
  });

  test("leaves out what became current later than the oldest recorded", () => {
    const before = recorded("v1.0");
    const { state, imported } = importReleases(before, [{ id: "v1.1", at: 5 }]);
    expect(state).toBe(before);
    expect(imported).toEqual([]);
  });

  test("takes of a release that is there twice the last", () => {
    expect(ids(importReleases(emptyState, earlier("v1", "v2", "v1")).state)).toEqual(["v2", "v1"]);
  });

  test("drops the oldest where there are too many", () => {
    const many = earlier(...Array.from({ length: historyLimit + 5 }, (_, index) => `v${String(index)}`));
    const { state, imported } = importReleases(recorded("now"), many);
    expect(state.releases).toHaveLength(historyLimit);
    expect(imported[0]?.id).toBe("v6");
  });

  test("never changes what is recorded, and adds nothing a second time", () => {
    const release = fc.record({
      id: fc.constantFrom("a", "b", "c", "d", "e"),
      at: fc.integer({ min: -9, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(release), fc.array(release), (first, second) => {
        const before = importReleases(emptyState, first).state;
        const once = importReleases(before, second).state;
        expect(once.releases.slice(once.releases.length - before.releases.length)).toEqual(before.releases);
        expect(new Set(ids(once)).size).toBe(once.releases.length);
        expect(importReleases(once, second).state).toBe(once);
      }),
    );
  });
});

describe("rollBack", () => {
  test("without an id makes the release before the current one current", () => {
    const { state, id, outcome } = rollBack(recorded("v1.0", "v1.1", "v1.2"), undefined, 9);
    expect({ id, outcome }).toEqual({ id: "v1.1", outcome: "rolled-back" });
    expect(ids(state)).toEqual(["v1.0", "v1.2", "v1.1"]);
  });

  test("twice without an id undoes itself", () => {
    const once = rollBack(recorded("v1.0", "v1.1"), undefined, 8).state;
    expect(currentRelease(rollBack(once, undefined, 9).state)?.id).toBe("v1.1");
  });

  test("with an id makes that release current, however old", () => {
    const { state } = rollBack(recorded("v1.0", "v1.1", "v1.2"), "v1.0", 9);
    expect(currentRelease(state)).toEqual({ id: "v1.0", at: 9 });
  });

  test("to the current release changes nothing", () => {
    const state = recorded("v1.0", "v1.1");
    expect(rollBack(state, "v1.1", 9)).toEqual({ state, id: "v1.1", outcome: "already-current" });
  });

  test("refuses a release that was never recorded", () => {
    expect(() => rollBack(recorded("v1.0", "v1.1"), "v9", 9)).toThrow(
      expect.objectContaining({ code: "unknown-release" }),
    );
  });

  test.each([[emptyState], [recorded("v1.0")]])("refuses when there is nothing to go back to", (state) => {
    expect(() => rollBack(state, undefined, 9)).toThrow(
      expect.objectContaining({ code: "no-earlier-release" }),
    );
  });
});

/** What the history should be, in the plainest way. */
interface Model {
  readonly order: string[];
}

class CreateRelease implements fc.Command<Model, { state: State }> {
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
  check = (): boolean => true;
  run(model: Model, real: { state: State }): void {
    const before = currentRelease(real.state)?.id;
    const { state, outcome } = recordRelease(real.state, this.id, 0);
    real.state = state;
    if (!model.order.includes(this.id)) model.order.push(this.id);
    else expect(currentRelease(state)?.id).toBe(before);
    expect(outcome === "recorded").toBe(before !== currentRelease(state)?.id);
    expect(ids(state)).toEqual(model.order);
  }
  toString = (): string => `create-release ${this.id}`;
}

class RollBack implements fc.Command<Model, { state: State }> {
  readonly id: string | undefined;
  constructor(id: string | undefined) {
    this.id = id;
  }
  check = (model: Model): boolean =>
    this.id === undefined ? model.order.length > 1 : model.order.includes(this.id);
  run(model: Model, real: { state: State }): void {
    const previous = currentRelease(real.state)?.id;
    const target = this.id ?? model.order.at(-2);
    real.state = rollBack(real.state, this.id, 0).state;
    model.order.splice(model.order.indexOf(target ?? ""), 1);
    model.order.push(target ?? "");
    expect(ids(real.state)).toEqual(model.order);
    // Any release that was current can be restored.
    expect(ids(real.state)).toContain(previous);
  }
  toString = (): string => `rollback ${this.id ?? ""}`;
}

test("whatever the machines do in whatever order, the history is the one that the model says", () => {
  const id = fc.constantFrom("v1", "v2", "v3", "v4", "v5");
  const commands = fc.commands(
    [
      id.map((text) => new CreateRelease(text)),
      fc.option(id, { nil: undefined }).map((text) => new RollBack(text)),
    ],
    { maxCommands: 60 },
  );
  fc.assert(
    fc.property(commands, (sequence) => {
      fc.modelRun(() => ({ model: { order: [] }, real: { state: emptyState } }), sequence);
    }),
    { numRuns: 500 },
  );
});

test("the current and the previous release are never lost, however long the history", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 300, maxLength: 500 }), (numbers) => {
      let state = emptyState;
      for (const number of numbers) {
        const before = currentRelease(state)?.id;
        const next = recordRelease(state, `v${String(number)}`, 0);
        state = next.state;
        if (next.outcome === "recorded" && before !== undefined)
          expect(state.releases.at(-2)?.id).toBe(before);
        expect(state.releases.length).toBeLessThanOrEqual(historyLimit);
      }
    }),
    { numRuns: 20 },
  );
});

test("the stored text of a history stays small, and never for the price of the current or the previous one", () => {
  // The characters that take the most bytes: four each, or two when escaped in quotes.
  const character = fc.constantFrom("a", "é", "界", "🚀", '"', "\\");
  const id = fc
    .tuple(fc.nat(100_000), character, fc.integer({ min: 0, max: 120 }))
    .map(([number, filling, length]) => `${String(number)}-${filling.repeat(length)}`);
  fc.assert(
    fc.property(fc.array(id, { minLength: 100, maxLength: 260 }), (identifiers) => {
      let state = emptyState;
      for (const identifier of identifiers) {
        const before = currentRelease(state)?.id;
        const next = recordRelease(state, identifier, 1_763_800_000_000);
        state = next.state;
        if (next.outcome === "recorded" && before !== undefined)
          expect(state.releases.at(-2)?.id).toBe(before);
      }
      expect(Buffer.byteLength(JSON.stringify(state.releases))).toBeLessThanOrEqual(historySizeLimit + 1);
    }),
    { numRuns: 10 },
  );
});

test("two hundred releases named by commits are all remembered", () => {
  const commits = Array.from({ length: historyLimit }, (_, index) => index.toString(16).padStart(40, "0"));
  const state = commits.reduce((so, id) => recordRelease(so, id, 1_763_800_000_000).state, emptyState);
  expect(ids(state)).toEqual(commits);
});
