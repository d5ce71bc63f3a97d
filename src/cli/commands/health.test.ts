import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { run } from "../run.ts";
import { createOutput, type Sink } from "../terminal/output.ts";

async function controlled(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return String((server.address() as AddressInfo).port);
}

async function health(...words: readonly string[]): Promise<{ code: number; said: string }> {
  let said = "";
  const stdout: Sink = { isTTY: false, write: (text) => (said += text) };
  const output = createOutput({ stdout, stderr: stdout, json: words.includes("--json"), environment: {} });
  return { code: await run(["health", ...words], { output, environment: {} }), said };
}

test.each([
  [200, 0, "well"],
  [503, 1, "not well, it answered 503"],
  [302, 1, "not well, it answered 302"],
])("an answer of %i ends with %i", async (status, code, words) => {
  const asked: (string | undefined)[] = [];
  const port = await controlled((request, response) => {
    asked.push(request.url);
    response.writeHead(status, { location: "/elsewhere" }).end("{}");
  });
  expect(await health("--control", port)).toEqual({ code, said: `${port}: ${words}\n` });
  expect(await health("--control", `0.0.0.0:${port}`)).toEqual({ code, said: `0.0.0.0:${port}: ${words}\n` });
  expect(asked).toEqual(["/healthz", "/healthz"]);
});

test("nobody there is not well, and the reason is said", async () => {
  const { code, said } = await health("--control", "127.0.0.1:1");
  expect([code, said]).toEqual([
    1,
    expect.stringMatching(/^127\.0\.0\.1:1: no answer, .*(ECONNREFUSED|bad port)/),
  ]);
});

test("an address that is none is wrong usage", async () => {
  const { code, said } = await health("--control", "nonsense");
  expect([code, said]).toEqual([2, expect.stringContaining("--control needs an address")]);
});

test("an answer that does not come is waited for no longer than 3 seconds", async () => {
  const port = await controlled(() => undefined);
  const begun = performance.now();
  const { code, said } = await health("--control", port, "--json");
  expect(performance.now() - begun).toBeLessThan(10_000);
  expect([code, JSON.parse(said)]).toEqual([
    1,
    {
      ok: false,
      asked: [{ address: port, status: null, problem: "no answer, nothing came within 3 seconds" }],
    },
  ]);
});
