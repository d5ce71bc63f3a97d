import { createServer as createHttpServer } from "node:http";

const way = {
  success: "/graphql?query={greet}",
  hello: '{"data":{"greet":"Hello"}}',
  failing: "/graphql?query={broken}",
  regular: 200,
  words: "urn:intermission:maintenance",
  accept: "application/json",
};

const packages = ["@apollo/server@5", "graphql@16"];

export const rows = [{ title: "Apollo Server 5", packages, version: "@apollo/server", way, createServer }];

async function createServer() {
  const { ApolloServer, HeaderMap } = await import("@apollo/server");
  const { maintenancePage } = await import("intermission/apollo");
  const apollo = new ApolloServer({
    typeDefs: "type Query { greet: String! broken: String! }",
    resolvers: { Query: { greet: () => "Hello", broken: fail } },
    plugins: [maintenancePage()],
  });
  await apollo.start();
  return createHttpServer(async (request, response) => {
    const { status, headers, body } = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: request.method,
        headers: new HeaderMap([["apollo-require-preflight", "true"]]),
        search: new URL(request.url, "http://localhost").search,
      },
      context: async () => ({}),
    });
    response.writeHead(status ?? 200, Object.fromEntries(headers)).end(body.string);
  });
}

function fail() {
  throw new Error("broken by the deploy");
}
