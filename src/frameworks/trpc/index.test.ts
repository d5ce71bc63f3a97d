// `frameworkContract` is for apps whose errors are responses. Here they are calls, several to a response.
import {
  createTRPCClient,
  httpBatchLink,
  httpBatchStreamLink,
  httpLink,
  TRPCClientError,
} from "@trpc/client";
import { initTRPC, TRPCError } from "@trpc/server";
import { createHTTPHandler, type CreateHTTPContextOptions } from "@trpc/server/adapters/standalone";
import { afterEach, describe, expect, test } from "vitest";
import { closedSite, cookieOf } from "../../../test/support/closed-site.ts";
import { midDeploy, settled } from "../../../test/support/deploy-window.ts";
import { listen, visit, type RunningServer } from "../../../test/support/http.ts";
import type { Intermission } from "../../core/intermission.ts";
import type { MaskedError } from "../../core/settings/options.ts";
import { maintenancePage as nodeMaintenancePage } from "../node/index.ts";
import { maintenanceMeta, maintenancePage, maintenanceShape } from "./index.ts";

const running: RunningServer[] = [];
afterEach(() => Promise.all(running.splice(0).map((server) => server.close())));

const failure = new Error("column orders.note does not exist");

function createRouter(intermission: Intermission | undefined) {
  const t = initTRPC
    .context<{ req: CreateHTTPContextOptions["req"] }>()
    .create({ isDev: false, errorFormatter: maintenanceShape });
  const procedure =
    intermission === undefined ? t.procedure : t.procedure.use(maintenancePage({ intermission }));
  return t.router({
    greet: procedure.query(() => "Hello"),
    orders: procedure.query((): string => {
      throw failure;
    }),
    order: procedure.mutation((): string => {
      throw failure;
    }),
    mine: procedure.query((): string => {
      throw new TRPCError({ code: "FORBIDDEN", message: "Not yours" });
    }),
    busy: procedure.query((): string => {
      throw new TRPCError({ code: "SERVICE_UNAVAILABLE", message: "Too many orders" });
    }),
    output: procedure
      .output((value: unknown): string => {
        if (typeof value !== "string") throw failure;
        return value;
      })
      .query(() => 1 as unknown as string),
    count: procedure.query(async function* () {
      yield await Promise.resolve(1);
      throw failure;
    }),
    ticks: procedure.subscription(async function* () {
      yield await Promise.resolve(1);
      throw failure;
    }),
  });
}

type Router = ReturnType<typeof createRouter>;

interface Running {
  readonly url: string;
  readonly told: { readonly code: string; readonly thrown: unknown }[];
}

async function start(intermission: Intermission | undefined, around?: Intermission): Promise<Running> {
  const told: { readonly code: string; readonly thrown: unknown }[] = [];
  const handler = createHTTPHandler({
    router: createRouter(intermission),
    createContext: ({ req }) => ({ req }),
    responseMeta: maintenanceMeta,
    onError: ({ error }) => {
      const { cause } = error;
      told.push({ code: error.code, thrown: cause instanceof TRPCError ? cause.cause : cause });
    },
  });
  const server = await listen(
    around === undefined ? handler : nodeMaintenancePage(handler, { intermission: around }),
  );
  running.push(server);
  return { url: server.url, told };
}

const links = { httpLink, httpBatchLink, httpBatchStreamLink };

function clientOf(url: string, name: keyof typeof links = "httpLink", headers: Record<string, string> = {}) {
  return createTRPCClient<Router>({ links: [links[name]<Router>({ url, headers })] });
}

const page = {
  message: expect.stringMatching(/^We are updating this site/),
  data: {
    code: "SERVICE_UNAVAILABLE",
    httpStatus: 503,
    type: "urn:intermission:maintenance",
    retryAfter: 60,
  },
};

async function failureOf(answer: Promise<unknown>): Promise<TRPCClientError<Router>> {
  const error: unknown = await answer.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof TRPCClientError) return error as TRPCClientError<Router>;
  throw new Error("The call did not fail.", { cause: error });
}

describe.each(Object.keys(links) as (keyof typeof links)[])("a client with %s", (link) => {
  test("reads the page's words and when to come back, where it would have read of a failure", async () => {
    const { url } = await start(await midDeploy());
    const client = clientOf(url, link);
    expect(await failureOf(client.orders.query())).toMatchObject(page);
    expect(await failureOf(client.output.query())).toMatchObject(page);
  });

  test("reads what succeeded beside it, and what the app means", async () => {
    const { url } = await start(await midDeploy());
    const client = clientOf(url, link);
    const [greeting, mine, busy, orders] = await Promise.all([
      client.greet.query(),
      failureOf(client.mine.query()),
      failureOf(client.busy.query()),
      failureOf(client.orders.query()),
    ]);
    expect(greeting).toBe("Hello");
    expect(mine).toMatchObject({ message: "Not yours", data: { code: "FORBIDDEN" } });
    expect(busy).toMatchObject({ message: "Too many orders", data: { code: "SERVICE_UNAVAILABLE" } });
    expect(orders).toMatchObject(page);
  });

  test("reads the failure at any other time", async () => {
    const { url } = await start(await settled());
    expect(await failureOf(clientOf(url, link).orders.query())).toMatchObject({
      message: failure.message,
      data: { code: "INTERNAL_SERVER_ERROR" },
    });
  });

  test("reads the page of a closed site, and nothing is called", async () => {
    const { intermission } = await closedSite();
    const { url, told } = await start(intermission);
    expect(await failureOf(clientOf(url, link).orders.query())).toMatchObject(page);
    expect(told).toEqual([{ code: "SERVICE_UNAVAILABLE", thrown: undefined }]);
  });
});

test("an answer is the same to the byte as without Intermission, but for the page", async () => {
  const bare = await start(undefined);
  const watched = await start(await midDeploy());
  for (const path of ["/greet", "/mine", "/busy", "/none", "/greet,mine?batch=1"]) {
    const [expected, got] = [await visit(bare.url + path), await visit(watched.url + path)];
    expect({ path, status: got.status, body: got.body }).toEqual({
      path,
      status: expected.status,
      body: expected.body,
    });
    expect(Object.keys(got.headers)).toEqual(Object.keys(expected.headers));
  }
});

test.each([
  ["/orders", 503, "60"],
  ["/orders,output?batch=1", 503, "60"],
  ["/orders,greet?batch=1", 207, undefined],
  ["/orders,mine?batch=1", 207, undefined],
  ["/greet", 200, undefined],
])("%s has the status %i, and Retry-After: %s", async (path, status, retryAfter) => {
  const { url } = await start(await midDeploy());
  const answer = await visit(url + path);
  expect({ status: answer.status, retryAfter: answer.headers["retry-after"] }).toEqual({
    status,
    retryAfter,
  });
});

test("the status can be another", async () => {
  const { url } = await start(await midDeploy({ statusCode: 500, retryAfter: 7 }));
  const answer = await visit(`${url}/orders`);
  expect(answer).toMatchObject({ status: 500, headers: { "retry-after": "7" } });
  expect(JSON.parse(answer.body)).toMatchObject({ error: { data: { httpStatus: 500, retryAfter: 7 } } });
});

test("an adapter of the server around it leaves it alone", async () => {
  const intermission = await midDeploy();
  const { url } = await start(intermission, intermission);
  expect(await failureOf(clientOf(url).orders.query())).toMatchObject(page);
  expect((await visit(`${url}/orders`)).headers["content-type"]).toBe("application/json");
});

test("onError is told the original error, once", async () => {
  const { url, told } = await start(await midDeploy());
  await failureOf(clientOf(url).orders.query());
  expect(told).toEqual([{ code: "SERVICE_UNAVAILABLE", thrown: failure }]);
});

test("onMasked is told what was thrown, once, and by which procedure", async () => {
  const masked: MaskedError[] = [];
  const { url } = await start(await midDeploy({ onMasked: (error) => masked.push(error) }));
  await failureOf(clientOf(url).order.mutate());
  expect(masked).toMatchObject([{ path: "/order", method: "POST", status: 500, reason: "release-mismatch" }]);
  expect(masked[0]?.error).toBe(failure);
});

test("the words are in the language of the visitor", async () => {
  const { url } = await start(await midDeploy());
  const { message } = await failureOf(clientOf(url, "httpLink", { "accept-language": "de" }).orders.query());
  expect(message).toMatch(/^Wir aktualisieren/);
});

test("the words of a mutation say what may have become of it", async () => {
  const { url } = await start(await midDeploy());
  expect((await failureOf(clientOf(url).order.mutate())).message).toContain("may not have been saved");
  expect((await failureOf(clientOf(url).orders.query())).message).not.toContain("saved");
});

test.each([
  ["exempts it by its path", { exempt: ["/orders"] }],
  ["skips it", { skip: (call: unknown) => (call as { path: string }).path === "orders" }],
  ["does not mask it", { mask: (error: unknown) => error !== failure }],
  ["only observes", { observe: true }],
])("a failure stays as it is where the app %s", async (_, options) => {
  const { url } = await start(await midDeploy(options));
  expect(await failureOf(clientOf(url).orders.query())).toMatchObject({ message: failure.message });
});

test("a closed site is open to whoever has the bypass", async () => {
  const { intermission, token } = await closedSite();
  const { url } = await start(intermission);
  expect(await clientOf(url, "httpLink", { cookie: cookieOf(token) }).greet.query()).toBe("Hello");
});

test("a stream that fails half-way ends with the page's words", async () => {
  const { url } = await start(await midDeploy());
  const got: unknown[] = [];
  const read = async (): Promise<void> => {
    for await (const value of await clientOf(url, "httpBatchStreamLink").count.query()) got.push(value);
  };
  expect(await failureOf(read())).toMatchObject(page);
  expect(got).toEqual([1]);
});

test("a subscription that fails ends with the page's words", async () => {
  const { url } = await start(await midDeploy());
  const answer = await fetch(`${url}/ticks`);
  const events = await answer.text();
  expect(answer.status).toBe(200);
  expect(events).toContain("We are updating this site");
  expect(events).not.toContain(failure.message);
});
