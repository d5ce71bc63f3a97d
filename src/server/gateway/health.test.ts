import { describe, expect, test } from "vitest";
import { midDeploy } from "../../../test/support/deploy-window.ts";
import { connectTo, startTestGateway, startUpstream } from "../../../test/support/gateway.ts";
import { visit } from "../../../test/support/http.ts";

const local = { host: "127.0.0.1", port: 0 };

describe("health checks", () => {
  /** Whether an upstream counts as healthy after each answer to a check, given one at a time. */
  async function watch(statuses: readonly number[], thresholds: object): Promise<readonly boolean[]> {
    const up: boolean[] = [];
    let read = (): boolean => true;
    let checks = 0;
    let finished = (): void => {};
    const isOver = new Promise<void>((resolve) => (finished = resolve));
    const upstream = await startUpstream((request, response) => {
      // By now the previous check's result is known.
      if (checks > 0) up.push(read());
      const status = statuses[checks];
      checks += 1;
      if (status === undefined) finished();
      response.writeHead(request.url === "/up?deep=1" ? (status ?? 200) : 404).end();
    });
    const gateway = await startTestGateway([upstream], {
      healthPath: "/up?deep=1",
      healthEvery: 1,
      ...thresholds,
    });
    read = () => gateway.status().upstreams[0]?.up === true;
    await isOver;
    return up.slice(0, statuses.length);
  }

  test("change what is thought of an upstream at once, by the status at their path", async () => {
    expect(await watch([200, 503, 399, 400, 500, 204], {})).toEqual([true, false, true, false, false, true]);
  });

  test("or after so many in a row, where thresholds say so", async () => {
    const thresholds = { unhealthyAfter: 2, healthyAfter: 3 };
    const statuses = [500, 200, 500, 500, 200, 200, 500, 200, 200, 200];
    expect(await watch(statuses, thresholds)).toEqual([
      ...[true, true, true, false],
      ...[false, false, false, false, false, true],
    ]);
  });

  test("do not end a visitor's patience: with nobody healthy, all are tried", async () => {
    const upstream = await startUpstream((request, response) => {
      response.writeHead(request.url === "/up" ? 500 : 200).end();
    });
    const gateway = await startTestGateway([upstream], { healthPath: "/up", healthEvery: 1 });
    while (gateway.status().upstreams[0]?.up !== false) await new Promise(setImmediate);
    expect((await visit(gateway.url)).status).toBe(200);
  });
});

test("metrics count answers by status, and by how long they took", async () => {
  const upstream = await startUpstream((request, response) => {
    setTimeout(
      () => response.writeHead(Number(request.url?.slice(1))).end(),
      request.url === "/404" ? 60 : 0,
    );
  });
  const gateway = await startTestGateway([upstream], { control: local, intermission: await midDeploy() });
  for (const status of [200, 204, 302, 404, 500]) await visit(`${gateway.url}/${String(status)}`);
  const read = async (): Promise<(name: string) => number> => {
    const { body } = await visit(`${gateway.controlUrl ?? ""}/metrics`);
    return (name) =>
      Number(
        body
          .split("\n")
          .find((line) => line.startsWith(`intermission_gateway_${name} `))
          ?.split(" ")[1],
      );
  };
  let metric = await read();
  // An answer is counted once its last byte is on its way.
  while (metric("request_duration_seconds_count") < 5) metric = await read();
  expect([1, 2, 3, 4, 5].map((digit) => metric(`answers_total{status="${String(digit)}xx"}`))).toEqual([
    0, 2, 1, 1, 1,
  ]);
  const buckets = ["0.005", "0.05", "0.25", "60", "+Inf"].map((bound) =>
    metric(`request_duration_seconds_bucket{le="${bound}"}`),
  );
  expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
  expect(buckets[1]).toBeLessThan(5);
  expect(buckets[4]).toBe(5);
  expect(metric("request_duration_seconds_sum")).toBeGreaterThan(0.055);
});

test("a header that takes too long is noticed within a second", async () => {
  const upstream = await startUpstream((_, response) => response.end());
  const { url } = await startTestGateway([upstream], { headerTimeout: 100 });
  const { socket, until } = await connectTo(url);
  const begun = performance.now();
  socket.write("GET / HTTP/1.1\r\nHost: a\r\nX-Slow:");
  await until("HTTP/1.1 408");
  // Node's own interval is 30 seconds.
  expect(performance.now() - begun).toBeLessThan(10_000);
  expect(upstream.asked).toEqual([]);
});
