import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { visit, type Answer } from "../support/http.ts";
import { buildApp, type BuiltApp, type RunningApp } from "./built-app.ts";
import { beginDeploy, expectDeploy, type Deploy } from "./deploy.ts";
import { nodesFrom } from "./nodes.ts";

const packages = {
  "@apollo/server": "5.5.1",
  "@as-integrations/express5": "1.1.2",
  "@nestjs/apollo": "13.4.5",
  "@nestjs/common": "11.2.10",
  "@nestjs/core": "11.2.10",
  "@nestjs/graphql": "13.4.5",
  "@nestjs/platform-express": "11.2.10",
  graphql: "16.15.0",
  libsql: "0.5.29",
  "reflect-metadata": "0.2.2",
  rxjs: "7.8.2",
};

describe.each(nodesFrom(20))("NestJS 11 with GraphQL on Node $major", (node) => {
  let built: BuiltApp;
  let deploy: Deploy;
  let app: RunningApp;
  beforeAll(async () => {
    built = await buildApp({ name: "nest-graphql", packages, node });
    deploy = await beginDeploy();
    app = await built.start({ command: ["server.js"], environment: deploy.environment });
  });
  afterAll(async () => {
    await app.stop();
    await deploy.end();
    await built.remove();
  });

  const ask = (query: string, headers: Record<string, string> = {}): Promise<Answer> =>
    visit(`${app.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ query }),
    });

  test("its controllers go through a deploy", async () => {
    await expectDeploy(app.url, deploy, { successes: ["/"], errors: ["/orders"], refusals: ["/missing"] });
  });

  test("an answer of GraphQL with status 200 is a success, whatever errors are in it", async () => {
    await deploy.intermission.createRelease("v1.2");
    const { status, body } = await ask("{ hello order(id: 7) }");
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      data: { hello: "Hello", order: null },
      errors: [{ message: "column orders.note does not exist, of order 7", path: ["order"] }],
    });
  });

  test("an answer that failed as a whole becomes an error of GraphQL", async () => {
    const { status, headers, body } = await ask("{ hello }", {
      accept: "application/graphql-response+json",
      "x-no-context": "1",
    });
    expect(status).toBe(503);
    expect(headers["content-type"]).toMatch(/^application\/graphql-response\+json/);
    expect(JSON.parse(body).errors).toHaveLength(1);
  });

  test("a query that is wrong is told so", async () => {
    expect((await ask("{ nothing }")).status).toBe(400);
  });
});
