import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { describe, expect, test, type TestContext } from "vitest";
import { faults, startReceiver, type Received, type Receiver } from "../support/webhook.ts";
import { runCli, temporaryFolder, type CliResult } from "./run-cli.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

interface Place {
  readonly receiver: Receiver;
  readonly cli: (...words: readonly string[]) => Promise<CliResult>;
}

type Context = Pick<TestContext, "onTestFinished">;

async function place({ onTestFinished }: Context, prefix = ""): Promise<Place> {
  const receiver = await startReceiver(onTestFinished);
  const cwd = temporaryFolder(onTestFinished);
  const env = {
    MAINTENANCE_STORE: `sqlite:${join(cwd, "state.db")}`,
    MAINTENANCE_WEBHOOK: `${prefix}${receiver.url}`,
    MAINTENANCE_WEBHOOK_SECRET: secret,
    MAINTENANCE_APP: "shop",
  };
  return { receiver, cli: (...words) => runCli(words, { cwd, env }) };
}

const typesOf = (received: readonly Received[]): readonly unknown[] =>
  received.map(({ body, headers }) => {
    const { type } = new Webhook(secret).verify(body, headers as Record<string, string>) as { type: string };
    return type;
  });

// Together, since a silent receiver is waited for.
describe.concurrent("webhooks", () => {
  test("each verb tells what it has caused, once, before it ends", async (context) => {
    const { receiver, cli } = await place(context);
    await cli("create-release", "v1.0", "--no-wait");
    await cli("create-release", "v1.0", "--no-wait");
    expect((await cli("deploy", "v1.1", "--no-wait", "--", "true")).exitCode).toBe(0);
    expect(
      (await cli("deploy", "v1.2", "--no-wait", "--on-failure", "restore", "--", "false")).exitCode,
    ).toBe(1);
    await cli("rollback", "v1.0", "--no-wait");
    await cli("on", "--all", "--no-wait");
    await cli("off", "--no-wait");
    await cli("status");
    expect(typesOf(receiver.received)).toEqual([
      "release.created",
      ...["deploy.begun", "deploy.succeeded"],
      ...["deploy.begun", "deploy.failed"],
      ...["release.rolled-back", "site.closed", "site.opened"],
    ]);
    const ids = receiver.received.map(({ headers }) => headers["webhook-id"]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(JSON.parse(receiver.received[4]?.body ?? "")).toMatchObject({
      data: { app: "shop", release: "v1.2", outcome: "failed", note: "exit 1", restoredRelease: "v1.1" },
    });
  }, 60_000);

  describe("a receiver that", () => {
    // The other faults are in src/notify/receiver.test.ts; here it matters how long a verb takes.
    test.for(Object.entries(faults).filter(([name]) => name === "is silent" || name === "redirects"))(
      "%s is a warning, and no failure",
      { timeout: 40_000 },
      async ([, fault], context) => {
        const { receiver, cli } = await place(context);
        receiver.behave(fault);
        const begunAt = performance.now();
        const { exitCode, stdout, stderr } = await cli("create-release", "v1.0", "--no-wait");
        expect(performance.now() - begunAt).toBeLessThan(12_000);
        expect({ exitCode, stdout }).toEqual({
          exitCode: 0,
          stdout: expect.stringContaining("Recorded v1.0") as string,
        });
        expect(stderr).toMatch(
          /Warning: not everybody could be told by webhook: 127\.0\.0\.1:\d+: .+ try again/,
        );
        expect(stderr).not.toContain("hush");
      },
    );
  });

  test("several verbs at once tell each event once", async (context) => {
    const { receiver, cli } = await place(context);
    await cli("create-release", "v0", "--no-wait");
    await Promise.all(["v1", "v2", "v3", "v4"].map((id) => cli("create-release", id, "--no-wait")));
    const releases = receiver.received.map(
      ({ body }) => (JSON.parse(body) as { data: { release: string } }).data.release,
    );
    expect(releases.toSorted()).toEqual(["v0", "v1", "v2", "v3", "v4"]);
  }, 60_000);

  describe("notify test", () => {
    test("says what each answered, and ends with 1 if one did not take it", async (context) => {
      const { receiver, cli } = await place(context, `slack:http://127.0.0.1:1/hush, `);
      const { exitCode, stdout, stderr } = await cli("notify", "test");
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(/^failed {2}slack 127\.0\.0\.1:1: .+\ntold {4}127\.0\.0\.1:\d+: HTTP 204\n$/);
      expect(stdout + stderr).not.toContain("hush");
      expect(typesOf(receiver.received)).toEqual(["test"]);
      expect(JSON.parse((await cli("notify", "test", "--json")).stdout)).toMatchObject({
        ok: false,
        receivers: [
          { to: "slack 127.0.0.1:1", ok: false },
          { ok: true, found: "HTTP 204" },
        ],
      });
    });

    test("is a wrong call without receivers, and a bad one is never repeated", async ({ onTestFinished }) => {
      const cwd = temporaryFolder(onTestFinished);
      expect(await runCli(["notify", "test"], { cwd })).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining("MAINTENANCE_WEBHOOK") as string,
      });
      for (const env of [
        { MAINTENANCE_WEBHOOK: "hush" },
        { MAINTENANCE_WEBHOOK: "https://a.example/", MAINTENANCE_WEBHOOK_SECRET: "whsec_hush" },
      ]) {
        const { exitCode, stderr } = await runCli(["notify", "test"], { cwd, env });
        expect(exitCode).toBe(2);
        expect(stderr).not.toContain("hush");
      }
    });
  });
});
