/* A resolver, and a controller beside it. Decorators are called by hand, because nothing is compiled here. */
import "reflect-metadata";
import { ApolloDriver } from "@nestjs/apollo";
import { Controller, Get, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { Args, GraphQLModule, Query, Resolver } from "@nestjs/graphql";
import { MaintenancePageModule } from "intermission/nest";

const typeDefs = `
  type Query {
    hello: String
    order(id: Int!): String
  }
`;

class OrderResolver {
  hello() {
    return "Hello";
  }
  order(id) {
    throw new Error(`column orders.note does not exist, of order ${String(id)}`);
  }
}
decorate(OrderResolver, "hello", Query());
decorate(OrderResolver, "order", Query());
Args("id")(OrderResolver.prototype, "order", 0);
Resolver()(OrderResolver);

class PageController {
  greet() {
    return "Hello";
  }
  fail() {
    throw new Error("column orders.note does not exist");
  }
}
decorate(PageController, "greet", Get("/"));
decorate(PageController, "fail", Get("/orders"));
Controller()(PageController);

class AppModule {}
Module({
  imports: [
    MaintenancePageModule.forRoot(),
    GraphQLModule.forRoot({
      driver: ApolloDriver,
      typeDefs,
      // A gateway's token is checked here, and may fail as a whole.
      context: ({ req }) => {
        if (req.headers["x-no-context"] !== undefined) throw new Error("no such table: sessions");
        return {};
      },
    }),
  ],
  controllers: [PageController],
  providers: [OrderResolver],
})(AppModule);

function decorate(target, method, decorator) {
  decorator(target.prototype, method, Object.getOwnPropertyDescriptor(target.prototype, method));
}

const app = await NestFactory.create(AppModule, { logger: ["error"] });
await app.listen(process.env.PORT, "127.0.0.1");
