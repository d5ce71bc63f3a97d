// `frameworkContract` is for apps whose errors are responses. GraphQL's are parts of one.
import type { RequestListener } from "node:http";
import { createGraphQLError, createSchema, createYoga, type Plugin } from "graphql-yoga";
import { expect, test } from "vitest";
import { midDeploy, silentLogger } from "../../../test/support/deploy-window.ts";
import {
  ask,
  createResolvers,
  failure,
  pageError,
  testGraphQL,
  typeDefs,
  watchedStore,
  type GraphQLApp,
} from "../../../test/support/graphql.ts";
import { listen } from "../../../test/support/http.ts";
import type { Intermission } from "../../core/intermission.ts";
import type { MaskedError } from "../../core/settings/options.ts";
import { maintenancePage as nodeMaintenancePage } from "../node/index.ts";
import { maintenancePage } from "./index.ts";

interface StartOptions {
  readonly around?: Intermission;
  readonly maskedErrors?: boolean;
}

async function start(
  intermission: Intermission | undefined,
  { around, maskedErrors = true }: StartOptions = {},
): Promise<GraphQLApp> {
  const told: unknown[] = [];
  const executed: string[] = [];
  const silent = (): void => undefined;
  const yoga = createYoga({
    schema: createSchema({
      typeDefs: `${typeDefs} type Subscription { ticks: Int! }`,
      resolvers: {
        ...createResolvers(executed, createGraphQLError),
        Subscription: {
          ticks: {
            async *subscribe() {
              yield await Promise.resolve({ ticks: 1 });
              yield { ticks: null };
              throw failure;
            },
          },
        },
      },
    }),
    plugins: intermission === undefined ? [] : [maintenancePage({ intermission })],
    batching: true,
    maskedErrors,
    logging: {
      debug: silent,
      info: silent,
      warn: silent,
      error: (error: { readonly originalError?: unknown }) => told.push(error.originalError ?? error),
    },
    context: ({ request }) => {
      if (request.headers.has("x-no-context")) throw failure;
      return {};
    },
  });
  const listener: RequestListener = (request, response) => void yoga(request, response);
  const server = await listen(
    around === undefined ? listener : nodeMaintenancePage(listener, { intermission: around }),
  );
  return { server, url: `${server.url}/graphql`, told, executed };
}

testGraphQL({
  start,
  path: "/graphql",
  skip: (context) => (context as { params: { query: string } }).params.query.includes("List"),
});

test("a context that can't be made is the page too, and both are told what was thrown", async () => {
  const masked: MaskedError[] = [];
  const { server, url, told } = await start(await midDeploy({ onMasked: (error) => masked.push(error) }));
  const answer = await ask(url, "{ greet }", { "x-no-context": "1" });
  await server.close();
  expect(answer).toMatchObject({ status: 503, headers: { "retry-after": "60" } });
  expect(answer.body).toEqual({ errors: [pageError] });
  expect(new Set(told)).toEqual(new Set([failure]));
  expect(masked.map(({ error }) => error)).toEqual([failure]);
});

test("an app that masks no errors has the page in their place", async () => {
  const { server, url } = await start(await midDeploy(), { maskedErrors: false });
  const answer = await ask(url, "{ orders }");
  await server.close();
  expect(answer).toMatchObject({ status: 503, body: { errors: [pageError] } });
});

test("an adapter of the server around it leaves it alone", async () => {
  const intermission = await midDeploy();
  const { server, url } = await start(intermission, { around: intermission });
  const answer = await ask(url, "{ orders }");
  await server.close();
  expect(answer).toMatchObject({ status: 503, body: { data: null, errors: [pageError] } });
});

test("a subscription has the page in the place of each failure, and goes on", async () => {
  const { server, url } = await start(await midDeploy());
  const answer = await fetch(`${url}?query=${encodeURIComponent("subscription { ticks }")}`, {
    headers: { accept: "text/event-stream" },
  });
  const events = await answer.text();
  await server.close();
  const results = [...events.matchAll(/^data: (\{.*)$/gm)].map(([, data = ""]) => JSON.parse(data) as object);
  expect(answer.status).toBe(200);
  expect(results).toMatchObject([
    { data: { ticks: 1 } },
    { data: null, errors: [pageError] },
    { errors: [pageError] },
  ]);
});

test("an intermission that the plugin made ends with the server, and one that it was given does not", async () => {
  const watched = watchedStore();
  const schema = createSchema({ typeDefs });
  const intermission = await midDeploy();
  const plugins: Plugin[] = [
    maintenancePage({ store: watched.store, release: "v1.0", logger: silentLogger }),
    maintenancePage({ intermission }),
  ];
  await watched.begun;
  for (const plugin of plugins) await createYoga({ schema, plugins: [plugin] }).dispose();
  expect(watched.ended).toBe(true);
  expect(await intermission.decide()).toMatchObject({ verdict: "maintenance" });
});
