import { expect, test } from "vitest";
import { intermissionAt, midDeploy } from "../../../test/support/deploy-window.ts";
import { createIntermission } from "../../engine/create.ts";
import { memoryStore } from "../../stores/memory/index.ts";
import { headerOf, addressOfCall } from "./request.ts";
import { judgeCall, type Call } from "./judge.ts";
import { judgeErrors } from "./graphql.ts";

const call: Call = { method: "GET", path: "/orders", headerOf: () => undefined, frameworkRequest: undefined };
const failure = new Error("no such column");

test("a format of the operator's own for GraphQL has its words in the error", async () => {
  const render = (): string => JSON.stringify({ errors: [{ message: "Back at noon" }] });
  const mediaTypes = ["application/graphql-response+json"];
  const intermission = await midDeploy({ formats: [{ mediaTypes, render }] });
  expect(await judgeCall(call, failure, intermission)).toMatchObject({
    message: "Back at noon",
    extensions: { code: "SERVICE_UNAVAILABLE", status: 503, retryAfter: 60 },
  });
});

test("an error that has no status of its own counts as 500 where the page has the original one", async () => {
  const intermission = await midDeploy({ statusCode: "original" });
  expect(await judgeCall(call, failure, intermission)).toMatchObject({ extensions: { status: 500 } });
});

test("one that is not of GraphQL is the message as it is", async () => {
  const mediaTypes = ["application/graphql-response+json"];
  const intermission = await midDeploy({ formats: [{ mediaTypes, render: () => "null" }] });
  expect(await judgeCall(call, failure, intermission)).toMatchObject({ message: "null" });
});

test("an intermission that only observes tells of an error, and leaves it", async () => {
  const observed: unknown[] = [];
  const intermission = await midDeploy({ observe: true, onMasked: (masked) => observed.push(masked) });
  expect(await judgeCall(call, failure, intermission)).toBeUndefined();
  expect(observed).toMatchObject([{ observed: true, path: "/orders", error: failure }]);
});

test("a thousand errors of a response wait for one read of a store that is silent", async () => {
  let reads = 0;
  const silent = () => {
    reads += 1;
    return new Promise<never>(() => undefined);
  };
  const store = { ...memoryStore(), read: silent };
  const logger = { warn: () => undefined, error: () => undefined };
  const options = { store, release: "v1.0", logger, readTimeout: 20 };
  const intermission = createIntermission(options, { environment: {}, background: false });
  const errors = Array.from({ length: 1000 }, () => Object.assign(new Error("no"), { extensions: {} }));
  expect(await judgeErrors(call, errors, intermission)).toBeUndefined();
  expect(reads).toBe(1);
  await intermission.close();
});

test("an error that wraps itself is judged too", async () => {
  const error: Error & { originalError?: unknown } = new Error("no");
  error.name = "GraphQLError";
  error.originalError = error;
  expect(await judgeErrors(call, [error], await intermissionAt("v1.1"))).toBeUndefined();
});

test.each([
  ["the Fetch standard", { headers: new Headers({ cookie: "a=b" }) }],
  ["Node", { headers: { cookie: "a=b" } }],
  ["Apollo Server", { headers: new Map([["cookie", "a=b"]]) }],
])("headers are read of a request of %s", (_, request) => {
  expect(headerOf(request, "cookie")).toBe("a=b");
  expect(headerOf(request, "accept")).toBeUndefined();
});

test("what is no request has no headers and no address", () => {
  for (const request of [undefined, {}, { headers: null }, { headers: "cookie" }]) {
    expect(headerOf(request, "cookie")).toBeUndefined();
    expect(addressOfCall(request)).toBeUndefined();
  }
  expect(addressOfCall({ headers: {}, ...{ ip: "192.0.2.1" } })).toBe("192.0.2.1");
});
