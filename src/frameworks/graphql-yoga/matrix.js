import { createServer as createHttpServer } from "node:http";

const way = {
  success: "/graphql?query={greet}",
  hello: '{"data":{"greet":"Hello"}}',
  failing: "/graphql?query={broken}",
  regular: 200,
  words: "urn:intermission:maintenance",
  accept: "application/json",
};

const packages = ["graphql-yoga@5", "graphql@16"];

export const rows = [{ title: "GraphQL Yoga 5", packages, version: "graphql-yoga", way, createServer }];

async function createServer() {
  const { createSchema, createYoga } = await import("graphql-yoga");
  const { maintenancePage } = await import("intermission/graphql-yoga");
  const schema = createSchema({
    typeDefs: "type Query { greet: String! broken: String! }",
    resolvers: { Query: { greet: () => "Hello", broken: fail } },
  });
  return createHttpServer(createYoga({ schema, logging: false, plugins: [maintenancePage()] }));
}

function fail() {
  throw new Error("broken by the deploy");
}
