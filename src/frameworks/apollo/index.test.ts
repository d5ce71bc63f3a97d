// `frameworkContract` is for apps whose errors are responses. GraphQL's are parts of one.
import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import { expressMiddleware } from "@as-integrations/express5";
import express from "express";
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
import { maintenancePage as expressMaintenancePage } from "../express/index.ts";
import { maintenancePage } from "./index.ts";

async function start(intermission: Intermission | undefined, around?: Intermission): Promise<GraphQLApp> {
  const told: unknown[] = [];
  const executed: string[] = [];
  const teller: ApolloServerPlugin = {
    async requestDidStart() {
      return {
        async didEncounterErrors({ errors }) {
          told.push(...errors.map(({ originalError }) => originalError));
        },
      };
    },
  };
  const apollo = new ApolloServer({
    typeDefs,
    resolvers: createResolvers(executed),
    plugins: [teller, ...(intermission === undefined ? [] : [maintenancePage({ intermission })])],
    allowBatchedHttpRequests: true,
    includeStacktraceInErrorResponses: false,
  });
  await apollo.start();
  const app = express().set("env", "test");
  if (around !== undefined) app.use(expressMaintenancePage({ intermission: around }));
  const context = async ({ req }: { req: express.Request }) => {
    if ("x-no-context" in req.headers) throw failure;
    return { req };
  };
  app.use("/graphql", express.json(), expressMiddleware(apollo, { context }));
  const server = await listen(app);
  const close = async (): Promise<void> => {
    await server.close();
    await apollo.stop();
  };
  return { server: { ...server, close }, url: `${server.url}/graphql`, told, executed };
}

testGraphQL({
  start,
  path: "/List",
  skip: (context) => (context as { operationName: string | null }).operationName === "List",
});

test("an adapter of the web framework around it leaves it alone, and takes what fails before an operation", async () => {
  const intermission = await midDeploy();
  const { server, url } = await start(intermission, intermission);
  const accept = "application/graphql-response+json";
  const failed = await ask(url, "{ orders }", { accept });
  const before = await ask(url, "{ greet }", { accept, "x-no-context": "1" });
  await server.close();
  expect(failed).toMatchObject({ status: 503, body: { data: null, errors: [pageError] } });
  expect(before).toMatchObject({ status: 503, headers: { "retry-after": "60" } });
  expect(before.body.errors).toMatchObject([{ extensions: pageError.extensions }]);
});

test("formatError is given the original error, and what it makes of it stays out of the page", async () => {
  const given: unknown[] = [];
  const apollo = new ApolloServer({
    typeDefs,
    resolvers: createResolvers(),
    plugins: [maintenancePage({ intermission: await midDeploy() })],
    formatError: (shown, error) => {
      given.push((error as { originalError?: unknown }).originalError);
      return { ...shown, message: "Oh no" };
    },
  });
  const { body } = await apollo.executeOperation({ query: "{ orders }" });
  await apollo.stop();
  expect(given).toEqual([failure]);
  expect(body).toMatchObject({ kind: "single", singleResult: { data: null, errors: [pageError] } });
});

test("an intermission that the plugin made ends with the server, and one that it was given does not", async () => {
  const watched = watchedStore();
  const own = new ApolloServer({
    typeDefs,
    plugins: [maintenancePage({ store: watched.store, release: "v1.0", logger: silentLogger })],
  });
  const intermission = await midDeploy();
  const shared = new ApolloServer({ typeDefs, plugins: [maintenancePage({ intermission })] });
  await watched.begun;
  for (const server of [own, shared]) {
    await server.start();
    await server.stop();
  }
  expect(watched.ended).toBe(true);
  expect(await intermission.decide()).toMatchObject({ verdict: "maintenance" });
});
