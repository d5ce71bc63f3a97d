import { expect, test } from "vitest";
import { createFakeClock } from "../../testing/fake-clock.ts";
import { createUpstreams } from "./upstreams.ts";

test("what was registered comes before what was learnt", () => {
  const upstreams = createUpstreams({
    registered: new Map([["a:1", "v1"]]),
    learning: true,
    clock: createFakeClock(),
  });
  upstreams.learn("a:1", "v2");
  upstreams.learn("b:1", "v2");
  expect(upstreams.releaseOf("a:1")).toEqual({ release: "v1", learnt: false });
  expect(upstreams.releaseOf("b:1")).toEqual({ release: "v2", learnt: true });
  expect(upstreams.releaseOf("c:1")).toBeUndefined();
});

test("nothing is learnt unless it was asked for", () => {
  const upstreams = createUpstreams({ registered: new Map(), learning: false, clock: createFakeClock() });
  upstreams.learn("a:1", "v1");
  expect(upstreams.releaseOf("a:1")).toBeUndefined();
});

test("what was learnt is forgotten after an hour, and when a thousand others came after it", async () => {
  const clock = createFakeClock();
  const upstreams = createUpstreams({ registered: new Map(), learning: true, clock });
  upstreams.learn("a:1", "v1");
  await clock.advance(3_599_000);
  expect(upstreams.releaseOf("a:1")?.release).toBe("v1");
  await clock.advance(1000);
  expect(upstreams.releaseOf("a:1")).toBeUndefined();

  upstreams.learn("a:1", "v1");
  for (let port = 1; port < 1000; port++) upstreams.learn(`b:${String(port)}`, "v1");
  expect(upstreams.releaseOf("a:1")?.release).toBe("v1");
  upstreams.learn("c:1", "v1");
  expect(upstreams.releaseOf("a:1")).toBeUndefined();
});
