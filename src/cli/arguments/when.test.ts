import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createIntermission, memoryStore, type Store } from "../../index.ts";
import { createFakeClock } from "../../testing/fake-clock.ts";
import { UsageError } from "./usage-error.ts";
import { parseWhen } from "./when.ts";

const at = (text: string): number => Date.parse(text);

describe("parseWhen", () => {
  test.each([
    ["2026-11-22T20:00Z", at("2026-11-22T20:00:00Z")],
    ["2026-11-22t20:00z", at("2026-11-22T20:00:00Z")],
    ["2026-11-22 20:00:30+01:00", at("2026-11-22T19:00:30Z")],
    ["2026-11-22 20:00:30 +01:00", at("2026-11-22T19:00:30Z")],
    ["2026-11-22T20:00:30.5-0330", at("2026-11-22T23:30:30.500Z")],
    ["2026-11-22T20:00+05", at("2026-11-22T15:00:00Z")],
    ["2028-02-29T00:00Z", at("2028-02-29T00:00:00Z")],
  ])("%s is that moment", (text, moment) => {
    expect(parseWhen(text, "--until")).toBe(moment);
  });

  test("a duration is from the store's now", () => {
    expect(parseWhen("30m", "--until")).toEqual({ fromNow: 1_800_000 });
    expect(parseWhen(undefined, "--until")).toBeUndefined();
  });

  test("without a zone it is refused, with two ways to write it", () => {
    expect(() => parseWhen("2026-11-22T20:00", "--until")).toThrow(
      new UsageError(
        "The option --until needs a time with its zone: 2026-11-22T20:00Z is in UTC, 2026-11-22T20:00+02:00 two hours ahead of it. Or a duration from now, such as 30m.",
      ),
    );
  });

  test.each([
    "",
    "now",
    "20:00",
    "2026-11-22",
    "2026-02-29T00:00Z",
    "2026-02-30T00:00",
    "2026-13-01T00:00Z",
    "2026-11-22T24:01Z",
    "2026-11-22T20:60Z",
    "2026-11-22T20:00+24:00",
    "2026-11-22T20:00+01:60",
    "2026-11-22T20:00 Europe/Berlin",
    "-30m",
    "1790000000000",
    "9".repeat(100_000),
  ])("%j is refused", (text) => {
    expect(() => parseWhen(text, "--from")).toThrow(UsageError);
  });

  test("reads what ISO 8601 writes, in any zone", () => {
    const date = fc.date({ min: new Date(0), max: new Date("2099-12-31"), noInvalidDate: true });
    fc.assert(
      fc.property(date, fc.integer({ min: -14 * 60, max: 14 * 60 }), (moment, offset) => {
        const local = new Date(moment.getTime() + offset * 60_000).toISOString().slice(0, -1);
        const two = (number: number): string => String(number).padStart(2, "0");
        const minutes = Math.abs(offset);
        const zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
        expect(parseWhen(local + zone, "--from")).toBe(moment.getTime());
      }),
    );
  });
});

describe("a schedule across the end of daylight saving time", () => {
  // In Berlin, 2:30 occurs twice on 25 October 2026, and never on 29 March 2026.
  test.each([
    ["the hour that comes twice", "2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00", 3_600_000],
    ["the hour that is left out", "2026-03-29T01:30+01:00", "2026-03-29T03:30+02:00", 3_600_000],
    ["a night with 25 hours", "2026-10-24T12:00+02:00", "2026-10-25T12:00+01:00", 25 * 3_600_000],
  ])("closes for as long as the clocks on the wall say: %s", async (_, from, until, length) => {
    const [begin, end] = [parseWhen(from, "--from"), parseWhen(until, "--until")] as [number, number];
    const clock = createFakeClock({ start: begin - 60_000 });
    const memory = memoryStore();
    const store: Store = {
      read: async (app, version) => ({ ...(await memory.read(app, version)), now: clock.now() }),
      write: memory.write.bind(memory),
      close: () => Promise.resolve(),
    };
    const intermission = createIntermission({ store, release: "v1" }, { environment: {}, clock });
    await intermission.ready();
    await intermission.switchOn({ mode: "closed", from: begin, until: end, wait: false });
    const outcome = async (): Promise<unknown> => intermission.gate({ path: "/", request: undefined });
    await clock.advance(59_999);
    expect(await outcome()).toBeUndefined();
    await clock.advance(1);
    expect(await outcome()).toBe("closed");
    await clock.advance(length - 1);
    expect(await outcome()).toBe("closed");
    await clock.advance(1);
    expect(await outcome()).toBeUndefined();
    await intermission.close();
  });
});
