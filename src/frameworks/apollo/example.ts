import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { maintenancePage } from "intermission/apollo";

const server = new ApolloServer({
  typeDefs: "type Query { hello: String! orders: [String!]! }",
  resolvers: {
    Query: {
      hello: () => "Hello",
      orders: () => {
        throw new Error("column orders.note does not exist");
      },
    },
  },
  plugins: [maintenancePage()],
});

await startStandaloneServer(server, { context: async ({ req }) => ({ req }), listen: { port: 3000 } });
