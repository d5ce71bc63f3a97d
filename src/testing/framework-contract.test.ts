import { describe, expect, test } from "vitest";
import { createListener } from "../../test/support/contract-listener.ts";
import { listen } from "../../test/support/http.ts";
import { frameworkContract, type FrameworkContractSetup, type FrameworkContractSubject } from "./index.ts";

type Listener = ReturnType<typeof createListener>;

/** The cases that such an adapter fails. */
async function broken(
  adapt: (listener: Listener, setup: FrameworkContractSetup) => Listener,
  about = /./,
): Promise<string[]> {
  const subject: FrameworkContractSubject = {
    start(setup) {
      const listener = createListener(setup);
      const adapted = setup.options === undefined ? listener : adapt(listener, setup);
      return listen((request, response) => void adapted(request, response));
    },
    skip: () => false,
    address: "connection",
    knowsErrors: false,
    closes: false,
  };
  const cases = frameworkContract(subject).filter(({ name }) => about.test(name));
  const outcomes = await Promise.allSettled(cases.map(({ run }) => run()));
  return cases.filter((_, index) => outcomes[index]?.status === "rejected").map(({ name }) => name);
}

describe("the contract refuses an adapter that", () => {
  test("does nothing", async () => {
    const names = await broken((listener) => listener);
    expect(names).toEqual(
      expect.arrayContaining([
        expect.stringContaining("a server error becomes the page"),
        expect.stringContaining("onMasked is told"),
        expect.stringContaining("a closed site answers"),
        expect.stringContaining("an error waits for the store"),
      ]),
    );
    expect(names).not.toContain("what is no server error is, to the byte, what it is without Intermission");
  });

  test("adds a header to a success", async () => {
    const names = await broken(
      (listener) => (request, response) => {
        response.setHeader("x-masked", "no");
        return listener(request, response);
      },
      /to the byte/,
    );
    expect(names).toContain("what is no server error is, to the byte, what it is without Intermission");
  });

  test("hears of errors in the place of the app", async () => {
    const names = await broken(
      (_listener, setup) => createListener({ ...setup, onError: () => undefined }),
      /own error handler/,
    );
    expect(names).toContainEqual(expect.stringContaining("the app's own error handler"));
  });

  test("holds streams back", async () => {
    const names = await broken(
      (listener) => (request, response) => {
        const chunks: unknown[] = [];
        const { end } = response;
        response.write = (chunk: unknown) => chunks.push(chunk) > 0;
        response.end = (...parameters: unknown[]) =>
          Reflect.apply(end, response, [chunks.join(""), ...parameters]) as typeof response;
        return listener(request, response);
      },
      /a stream is not held/,
    );
    expect(names).toContainEqual(expect.stringContaining("a stream is not held back"));
  });
});
