import { describe, expect, test } from "vitest";
import type { IntermissionEvent } from "../core/events.ts";
import { createEvents } from "./create.ts";

function setUp() {
  const failures: unknown[] = [];
  const events = createEvents((error) => failures.push(error));
  const heard: IntermissionEvent[] = [];
  return { failures, events, heard, hear: (event: IntermissionEvent) => void heard.push(event) };
}

describe("a listener", () => {
  test("that throws harms neither the others nor who tells", () => {
    const { events, failures, heard, hear } = setUp();
    const error = new Error("no disk left");
    events.listen(() => {
      throw error;
    });
    events.listen(hear);
    events.emit({ kind: "closed" });
    expect(heard).toHaveLength(1);
    expect(failures).toEqual([error]);
  });

  test("that is asynchronous leaves no rejection behind", async () => {
    const { events, failures } = setUp();
    const error = new Error("no network");
    const rejects = async (): Promise<void> => {
      throw error;
    };
    events.listen(rejects);
    events.emit({ kind: "closed" });
    await Promise.resolve();
    expect(failures).toEqual([error]);
  });

  test("that listens twice is told twice, and each is ended by itself", () => {
    const { events, heard, hear } = setUp();
    const first = events.listen(hear);
    const second = events.listen(hear);
    events.emit({ kind: "closed" });
    expect(heard).toHaveLength(2);
    first();
    first();
    events.emit({ kind: "closed" });
    expect(heard).toHaveLength(3);
    second();
    events.emit({ kind: "closed" });
    expect(heard).toHaveLength(3);
  });

  test("may stop, and start others, while it is told", () => {
    const { events, heard, hear } = setUp();
    const stop = events.listen(() => {
      stop();
      events.listen(hear);
    });
    events.emit({ kind: "closed" });
    expect(heard).toEqual([]);
    events.emit({ kind: "closed" });
    expect(heard).toHaveLength(1);
  });
});
