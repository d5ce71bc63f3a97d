import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../servers/postgres.ts";
import { runCli, temporaryFolder, type CliResult } from "./run-cli.ts";

const password = "hunter2";

describeWithServer(
  "the command line on PostgreSQL",
  { available: isPostgresAvailable(), packageName: "postgresql" },
  () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres({ password });
    });
    afterAll(() => server.stop());

    const run = (words: readonly string[], url = server.url): Promise<CliResult> =>
      runCli(words, { cwd: temporaryFolder(), env: { DATABASE_URL: url } });

    test("a deploy, a rollback and what is left of them", async () => {
      const machines = Array.from({ length: 5 }, () =>
        run(["create-release", "v1.0", "--app", "a", "--no-wait"]),
      );
      for (const { exitCode, stderr } of await Promise.all(machines)) {
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      }
      expect((await run(["create-release", "v1.1", "--app", "a"])).stdout).toContain("(before: v1.0)");
      expect((await run(["migrate"])).exitCode).toBe(0);
      expect((await run(["rollback", "--app", "a"])).stdout).toContain("v1.0 is the current release again");
      const { stdout } = await run(["releases", "--app", "a", "--json"]);
      expect(JSON.parse(stdout).releases).toMatchObject([{ id: "v1.0" }, { id: "v1.1" }]);
    });

    test("the password is shown nowhere", async () => {
      const results = [
        await run(["status"]),
        await run(["migrate", "--json"]),
        await run(["releases", "--app", "nobody", "--store", server.url]),
        await run(["create-release", "v1", "--app", "b", "--no-wait", "--store", server.url]),
        await run(["create-release", "v2", "--app", "b", "--no-wait", "--store", server.url]),
        await run(["create-release", "v1", "--app", "b", "--store", server.url]),
        await run(["shell"]),
        await run(["status", "--json"], server.url.replace(password, `${password}-wrong`)),
        await run(["status"], server.url.replace(/\/[^/]*$/, "/no-such-database")),
      ];
      expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1]);
      expect(JSON.stringify(results)).not.toContain(password);
    });
  },
);
