import { createServer } from "node:http";
import { createSchema, createYoga } from "graphql-yoga";
import { maintenancePage } from "intermission/graphql-yoga";

const schema = createSchema({
  typeDefs: "type Query { hello: String! orders: [String!]! }",
  resolvers: {
    Query: {
      hello: () => "Hello",
      orders: () => {
        throw new Error("column orders.note does not exist");
      },
    },
  },
});

const yoga = createYoga({ schema, plugins: [maintenancePage()] });

createServer((request, response) => void yoga(request, response)).listen(3000);
