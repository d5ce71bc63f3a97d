import { afterEach, describe, expect, test, vi } from "vitest";
import type { Intermission } from "../core/intermission.ts";
import { maintenancePage } from "../frameworks/fetch/index.ts";
import { simulateDeploy, type SimulateDeployOptions, type SimulatedDeploy } from "./index.ts";

let deploy: SimulatedDeploy;
afterEach(async () => {
  vi.useRealTimers();
  await deploy.close();
});

const quiet = { logger: { warn: () => undefined, error: () => undefined } };

async function start(options?: SimulateDeployOptions): Promise<SimulatedDeploy> {
  deploy = await simulateDeploy({ ...quiet, ...options });
  return deploy;
}

/** The status of an app's error, and of its success. */
async function answersOf(intermission: Intermission): Promise<readonly number[]> {
  const app = maintenancePage(
    ({ url }) => new Response(null, { status: url.endsWith("/broken") ? 500 : 200 }),
    { intermission },
  );
  const statusOf = async (path: string): Promise<number> =>
    (await app(new Request(`http://localhost${path}`))).status;
  return [await statusOf("/broken"), await statusOf("/")];
}

const regular = [500, 200];
const masked = [503, 200];

describe("a simulated deploy", () => {
  test("goes through its window, and each step is known at once to both instances", async () => {
    const { intermission, replacement, begin, finish, rollback } = await start();
    expect(await answersOf(intermission)).toEqual(regular);
    expect(await answersOf(replacement)).toEqual(masked);
    await begin();
    expect(await answersOf(intermission)).toEqual(masked);
    expect(await answersOf(replacement)).toEqual(masked);
    await finish();
    expect(await answersOf(intermission)).toEqual(masked);
    expect(await answersOf(replacement)).toEqual(regular);
    await rollback();
    expect(await answersOf(intermission)).toEqual(regular);
    expect(await answersOf(replacement)).toEqual(masked);
  });

  test("that fails is taken back", async () => {
    const { intermission, replacement, begin, rollback } = await start({ from: "a", to: "b" });
    await begin();
    expect((await intermission.status()).currentRelease).toBe("b");
    await rollback();
    expect(await answersOf(intermission)).toEqual(regular);
    expect(await intermission.status()).toMatchObject({ currentRelease: "a", reason: "release-match" });
    expect(await replacement.status()).toMatchObject({ instanceRelease: "b", reason: "release-mismatch" });
  });

  test("says what visitors did not see", async () => {
    const told: unknown[] = [];
    const { intermission, begin, masked: errors } = await start({ onMasked: (error) => told.push(error) });
    await answersOf(intermission);
    expect(errors).toEqual([]);
    await begin();
    await answersOf(intermission);
    expect(errors).toEqual([
      expect.objectContaining({
        path: "/broken",
        status: 500,
        instanceRelease: "v1.0",
        currentRelease: "v1.1",
        reason: "release-mismatch",
      }),
    ]);
    expect(told).toEqual(errors);
  });

  test("takes the options of the app", async () => {
    const { intermission, begin } = await start({ exempt: ["/broken"], statusCode: 500 });
    await begin();
    expect(await answersOf(intermission)).toEqual(regular);
    expect(intermission.settings.statusCode).toBe(500);
  });

  test("works under a clock that stands still, and for as long as it is moved", async () => {
    vi.useFakeTimers();
    const { intermission, replacement, begin, finish } = await start();
    await begin();
    await vi.advanceTimersByTimeAsync(7 * 86_400_000);
    expect(await answersOf(replacement)).toEqual(masked);
    await finish();
    expect(await answersOf(replacement)).toEqual(regular);
    expect(await answersOf(intermission)).toEqual(masked);
  });

  test("does not read the environment", async () => {
    vi.stubEnv("MAINTENANCE_MODE", "true");
    vi.stubEnv("MAINTENANCE_PAGE_RELEASE", "v9");
    try {
      const { intermission } = await start();
      expect(await answersOf(intermission)).toEqual(regular);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test("refuses steps and releases that make no sense", async () => {
    await expect(simulateDeploy({ from: "v1.0", to: "v1.0" })).rejects.toMatchObject({ code: "bad-option" });
    const { begin, finish, close } = await start();
    await expect(finish()).rejects.toMatchObject({ code: "deploy-gone" });
    await begin();
    await expect(begin()).rejects.toMatchObject({ code: "deploy-open" });
    await finish();
    await close();
    await close();
  });
});
