import { afterAll, beforeAll, describe, test } from "vitest";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../../../test/servers/postgres.ts";
import { storeContract, type StoreContractSubject } from "../../testing/index.ts";
import { postgresStore } from "./index.ts";

describeWithServer("PostgreSQL", { available: isPostgresAvailable(), packageName: "postgresql" }, () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  describe("the store contract, by URL", () => {
    let databases = 0;
    const subject: StoreContractSubject = {
      async createPlace() {
        const name = `place_${String(databases++)}`;
        await server.query(`create database ${name}`);
        const url = new URL(server.url);
        url.pathname = name;
        const argument = { url: url.href };
        return {
          open: () => postgresStore(argument),
          argument,
          async remove() {
            await server.query(`drop database ${name} with (force)`);
          },
        };
      },
      otherProcess: {
        module: new URL("../../../dist/stores/postgres/index.js", import.meta.url),
        exportName: "postgresStore",
      },
      push: true,
    };
    for (const { name, run } of storeContract(subject)) test(name, run);
  });
});
