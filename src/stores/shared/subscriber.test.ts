import { expect, test } from "vitest";
import { createFakeClock } from "../../testing/fake-clock.ts";
import { createSubscriber, type Subscribe } from "./subscriber.ts";

interface FakeSubscription {
  heard: (app: string) => void;
  lost: () => void;
  ended: boolean;
}

/** Subscriptions through our own interface: they open as told, and the test loses them. */
function createSubscriptions() {
  const subscriptions: FakeSubscription[] = [];
  let answer: "subscribed" | "lost" | "refused" | "silent" = "subscribed";
  const begin: Subscribe = (heard, lost) => {
    const subscription = { heard, lost, ended: false };
    if (answer !== "refused") subscriptions.push(subscription);
    const answers = {
      subscribed: () => Promise.resolve(),
      lost: () => Promise.resolve().then(lost),
      refused: () => Promise.reject(new Error("refused")),
      silent: () => new Promise(() => {}),
    };
    return {
      subscribed: answers[answer](),
      end() {
        subscription.ended = true;
        // Clients do this even when ended on purpose.
        lost();
      },
    };
  };
  return {
    subscriptions,
    subscribe: async () => begin,
    answer(next: typeof answer) {
      answer = next;
    },
  };
}

test("several apps share one subscription, which ends with the last of them", async () => {
  const { subscriptions, subscribe } = createSubscriptions();
  const subscriber = createSubscriber(subscribe, createFakeClock());
  const told: string[] = [];
  const stops = await Promise.all(
    ["a", "b", "b"].map((app, index) => subscriber.watch(app, () => told.push(`${app}${String(index)}`))),
  );
  expect(subscriptions).toHaveLength(1);
  subscriptions[0]?.heard("b");
  subscriptions[0]?.heard("nobody's");
  expect(told).toEqual(["b1", "b2"]);
  await stops[0]?.();
  await stops[1]?.();
  expect(subscriptions[0]?.ended).toBe(false);
  await stops[2]?.();
  expect(subscriptions[0]?.ended).toBe(true);
});

test("a lost subscription is made anew, in growing pauses, and tells that something may have been missed", async () => {
  const { subscriptions, subscribe, answer } = createSubscriptions();
  const clock = createFakeClock({ random: () => 1 });
  const subscriber = createSubscriber(subscribe, clock);
  let told = 0;
  await subscriber.watch("app", () => told++);
  answer("refused");
  subscriptions[0]?.lost();
  subscriptions[0]?.lost();
  expect(subscriptions[0]?.ended).toBe(true);
  for (const pause of [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
    expect(clock.pending).toBe(1);
    await clock.advance(pause - 1);
    expect(clock.pending).toBe(1);
    await clock.advance(1);
  }
  expect(clock.referenced).toBe(0);
  expect(told).toBe(0);
  answer("subscribed");
  await clock.advance(30_000);
  expect(subscriptions).toHaveLength(2);
  expect(told).toBe(1);
  subscriptions[1]?.heard("app");
  expect(told).toBe(2);
  subscriptions[0]?.lost();
  subscriptions[1]?.lost();
  await clock.advance(500);
  expect(subscriptions).toHaveLength(3);
});

test("a first subscription that fails rejects and is not tried again", async () => {
  const { subscribe, answer } = createSubscriptions();
  const clock = createFakeClock();
  const subscriber = createSubscriber(subscribe, clock);
  answer("refused");
  await expect(subscriber.watch("app", () => {})).rejects.toThrow("refused");
  expect(clock.pending).toBe(0);
  answer("subscribed");
  await subscriber.watch("app", () => {});
});

test("a first subscription that is lost before it was made rejects", async () => {
  const { subscriptions, subscribe, answer } = createSubscriptions();
  const clock = createFakeClock();
  const subscriber = createSubscriber(subscribe, clock);
  answer("lost");
  await expect(subscriber.watch("app", () => {})).rejects.toThrow("lost at once");
  expect(subscriptions[0]?.ended).toBe(true);
  expect(clock.pending).toBe(0);
});

test("a subscription without an answer is given up", async () => {
  const { subscriptions, subscribe, answer } = createSubscriptions();
  const clock = createFakeClock();
  const subscriber = createSubscriber(subscribe, clock);
  answer("silent");
  const refused = expect(subscriber.watch("app", () => {})).rejects.toThrow("3000 ms");
  await clock.advance(3000);
  await refused;
  expect(subscriptions[0]?.ended).toBe(true);
});

test("closing while a subscription is away stops the trying", async () => {
  const { subscriptions, subscribe } = createSubscriptions();
  const clock = createFakeClock();
  const subscriber = createSubscriber(subscribe, clock);
  await subscriber.watch("app", () => {});
  subscriptions[0]?.lost();
  subscriber.close();
  expect(clock.pending).toBe(0);
  await clock.advance(60_000);
  expect(subscriptions).toHaveLength(1);
});

test("closing while a subscription is being made ends it", async () => {
  const { subscriptions, subscribe } = createSubscriptions();
  const subscriber = createSubscriber(subscribe, createFakeClock());
  const watching = subscriber.watch("app", () => {});
  subscriber.close();
  await watching;
  expect(subscriptions[0]?.ended).toBe(true);
});
