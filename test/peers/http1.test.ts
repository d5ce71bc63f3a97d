import { afterEach, describe, expect, test } from "vitest";
import type { Intermission } from "../../src/core/intermission.ts";
import { serve } from "../../src/http/node/listener.ts";
import { watchProcess } from "../../src/http/node/process.ts";
import { instance } from "./instance.ts";
import { observe, type Listener } from "./raw.ts";
import { http1Shapes, secret } from "./shapes.ts";

type Wrap = (listener: Listener) => Listener;

let judge: Intermission | undefined;
watchProcess({ intermission: () => judge });

/** @param intermission undefined: none. */
const ways: Readonly<Record<string, (intermission?: Intermission) => Wrap>> = {
  adapter: (intermission) => (listener) =>
    intermission === undefined
      ? listener
      : (request, response) => serve(request, response, intermission, () => listener(request, response)),
  auto: (intermission) => {
    judge = intermission;
    return (listener) => listener;
  },
};
afterEach(() => {
  judge = undefined;
});

/** Then later answers never come, with or without us. */
const isOver = (name: string): boolean => name.includes("then the connection is");

const shapes = Object.entries(http1Shapes)
  .flatMap(([name, shape]) =>
    (["first", "behind"] as const).flatMap((position) =>
      (["GET", "HEAD"] as const).map((method) => ({ name, shape, position, method })),
    ),
  )
  .filter(({ name, position }) => position === "first" || !isOver(name));

const wayNames = Object.keys(ways);
const watchedBy = (way: string, intermission?: Intermission): Wrap =>
  (ways[way] as (typeof ways)[string])(intermission);

describe.each(wayNames)(
  "with %s, an answer that stays regular is the same, byte for byte, and so is what the app sees",
  (way) => {
    test.each(shapes)("$name ($method, $position)", async ({ shape, method, position }) => {
      const bare = await observe(shape, method, position, watchedBy(way));
      const held = await observe(shape, method, position, watchedBy(way, instance("v1.0")));
      expect(held, "while its verdict waits").toEqual(bare);
      const settled = instance("v1.0");
      await settled.ready();
      const fresh = await observe(shape, method, position, watchedBy(way, settled));
      expect(fresh, "when its verdict is known").toEqual(bare);
    });
  },
);

describe.each(wayNames)(
  "with %s, an answer that becomes the page is whole, and calls back as ever",
  (way) => {
    const failing = shapes.filter(({ name }) => name !== "a success in the end" && !isOver(name));
    test.each(failing)("$name ($method, $position)", async ({ shape, method, position }) => {
      const calls = (notes: readonly string[]): readonly string[] =>
        notes.filter((note) => /^(?:called back|event)/.test(note)).toSorted();
      const bare = await observe(shape, method, position, watchedBy(way));
      const old = instance("v1.1");
      for (const kind of ["held", "known"]) {
        const masked = await observe(
          shape,
          method,
          position,
          watchedBy(way, kind === "held" ? instance("v1.1") : old),
        );
        if (kind === "held") await old.ready();
        expect(calls(masked.notes), kind).toEqual(calls(bare.notes));
        expect(masked.received, kind).not.toContain(secret.slice(0, 10));
        expect(masked.received, kind).not.toContain("Column gone");
        const after =
          /HTTP\/1\.1 503 Service Unavailable\r\n(?<header>(?:[^\r]+\r\n)*)\r\n(?<rest>[^]*)$/.exec(
            masked.received,
          )?.groups;
        const length = Number(/content-length: (\d+)/i.exec(after?.["header"] ?? "")?.[1]);
        expect(length, kind).toBeGreaterThan(1000);
        const rest = (after?.["rest"] ?? "").slice(method === "HEAD" ? 0 : length);
        const isLast =
          masked.received.includes("connection") || !bare.received.includes("/after is answered");
        expect(rest.startsWith("HTTP/1.1 200 OK") || (isLast && rest === ""), kind).toBe(true);
        if (masked.received.includes(" 103 "))
          expect(masked.received.indexOf(" 103 "), kind).toBeLessThan(masked.received.indexOf(" 503 "));
        if (position === "behind") expect(masked.received.startsWith("HTTP/1.1 200 OK"), kind).toBe(true);
      }
    });
  },
);
