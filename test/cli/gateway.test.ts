import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openStore } from "../../src/stores/open.ts";
import { findFreePort } from "../servers/free-port.ts";
import { connectTo, startUpstream } from "../support/gateway.ts";
import { visit } from "../support/http.ts";
import { runCli, temporaryFolder } from "./run-cli.ts";
import { startGateway } from "./run-gateway.ts";

describe("intermission gateway", () => {
  test("beside an app, judges its errors by the release that both have", async () => {
    const cwd = temporaryFolder();
    const upstream = await startUpstream((_, response) => {
      response.writeHead(500).end("own");
    });
    await runCli(["create-release", "v1.0", "--no-wait"], { cwd });
    const words = ["--upstream", upstream.url];
    const { url } = await startGateway(words, cwd, { MAINTENANCE_PAGE_RELEASE: "v1.0" });
    expect((await visit(url)).body).toBe("own");
    await runCli(["create-release", "v1.1"], { cwd });
    expect((await visit(url)).status).toBe(503);
  });

  test("alone, takes the release after the address, and is gone from the list when it has ended", async () => {
    const cwd = temporaryFolder();
    const upstream = await startUpstream((_, response) => {
      response.writeHead(500).end("own");
    });
    await runCli(["create-release", "v1.1", "--no-wait"], { cwd });
    const { url, child, said } = await startGateway(["--upstream", `${upstream.url}#v1.0`], cwd);
    expect((await visit(url)).status).toBe(503);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(said()).not.toContain("release is unknown");
    const { stdout } = await runCli(["instances", "--json"], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({ instances: [], proxies: [] });
    // Whoever masked an error reports at exit at the latest.
    expect(JSON.parse((await runCli(["report", "--json"], { cwd })).stdout)).toMatchObject({
      maskedErrors: 1,
      instances: 1,
    });
  });

  test.each([[[]], [["--workers", "2"]]])(
    "is asked for its upstreams by instances, wait and report, with %j",
    async (more) => {
      const cwd = temporaryFolder();
      let release = "v1.0";
      const upstream = await startUpstream((request, response) => {
        response.setHeader("X-Release", release);
        response.writeHead(request.url === "/broken" ? 500 : 200).end();
      });
      const ask = async (...words: readonly string[]): Promise<Record<string, unknown>> =>
        JSON.parse((await runCli([...words, "--json"], { cwd })).stdout) as Record<string, unknown>;
      await runCli(["create-release", "v1.0", "--no-wait"], { cwd });
      const { url, child } = await startGateway(["--upstream", upstream.url, ...more], cwd);
      expect(await ask("wait", "--timeout", "20s")).toMatchObject({
        instances: [{ name: upstream.url, release: "v1.0", isCurrent: true, pid: null }],
      });
      // The gateway already knows the release when the first visitor's answer is an error.
      await runCli(["create-release", "v1.1"], { cwd });
      for (let times = 0; times < 4; times++) expect((await visit(`${url}/broken`)).status).toBe(503);
      const { stderr } = await runCli(["wait", "--timeout", "1s"], { cwd });
      expect(stderr).toMatch(/0 of 1 instances run v1\.1\. Behind: http:\S+ on \S+ \(v1\.0\)/);
      // Restarted in place; the gateway asks again without a visitor.
      release = "v1.1";
      while ((await runCli(["wait", "--timeout", "10s"], { cwd })).exitCode !== 0);
      expect(await ask("instances")).toMatchObject({
        instances: [{ name: upstream.url, release: "v1.1", isCurrent: true }],
      });
      const exit = once(child, "exit");
      child.kill("SIGTERM");
      expect(await exit).toEqual([0, null]);
      expect(await ask("report", "v1.1")).toMatchObject({
        maskedErrors: 4,
        kinds: [{ status: 500, route: "/broken", count: 4 }],
      });
    },
    60_000,
  );

  test("warns once, by name, of an upstream that says an old release half an hour after a deploy", async () => {
    const cwd = temporaryFolder();
    const upstream = await startUpstream((_, response) => response.setHeader("X-Release", "v1.0").end());
    for (const id of ["v1.0", "v1.1"]) await runCli(["create-release", id, "--no-wait"], { cwd });
    const store = openStore(`sqlite:${join(cwd, ".intermission/state.db")}`);
    const { version, value = "" } = await store.read("default");
    const state = JSON.parse(value) as { readonly releases: { at: number }[] };
    for (const recorded of state.releases) recorded.at -= 31 * 60_000;
    await store.write("default", JSON.stringify(state), version);
    await store.close();
    const control = await findFreePort();
    const { url, child, said } = await startGateway(
      ["--upstream", upstream.url, "--control", `127.0.0.1:${String(control)}`],
      cwd,
    );
    while (!said().includes("still says")) await once(child.stderr!, "data");
    for (let times = 0; times < 3; times++) await visit(url);
    expect(said().match(/still says/g)).toHaveLength(1);
    expect(said()).toContain(`${upstream.url} still says it runs "v1.0"`);
    const metrics = await (await fetch(`http://127.0.0.1:${String(control)}/metrics`)).text();
    const age = Number(/^intermission_gateway_mismatch_seconds (\S+)$/m.exec(metrics)?.[1]);
    expect(age).toBeGreaterThan(30 * 60);
    expect(age).toBeLessThan(32 * 60);
  });

  test("ends with SIGTERM when what is under way is answered", async () => {
    let answer = (): void => {};
    let wasAsked = (): void => {};
    const asked = new Promise<void>((resolve) => (wasAsked = resolve));
    const upstream = await startUpstream((request, response) => {
      // The gateway asks for the upstream's release by HEAD.
      if (request.method === "HEAD") {
        response.end();
        return;
      }
      answer = () => response.end("late");
      wasAsked();
    });
    const { url, child } = await startGateway(["--upstream", upstream.url], temporaryFolder());
    const { socket, until } = await connectTo(url);
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await asked;
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    await once(child.stderr!, "data");
    answer();
    await until("late");
    expect(await exit).toEqual([0, null]);
  });

  test("whose port is taken says so in one line, and ends with 1", async () => {
    const { url } = await startUpstream(() => undefined);
    const words = ["gateway", "--upstream", url, "--listen", url.replace("http://", "")];
    const { exitCode, stderr } = await runCli(words, { cwd: temporaryFolder() });
    expect([exitCode, stderr]).toMatchObject([
      1,
      expect.stringMatching(/^intermission: The gateway can't listen: .*EADDRINUSE.*\n$/),
    ]);
  });

  test.each([
    [[]],
    [["--upstream", "127.0.0.1:8000"]],
    [["--upstream", "ftp://a"]],
    [["--upstream", "unix:relative.sock"]],
    [["--host", "shop.example"]],
    [["--upstreams", "/nowhere"]],
    [["--upstream", "http://a", "--certificate", "/nowhere"]],
    [["--upstream", "http://a", "--upstream-ca", "/nowhere"]],
    [["--upstream", "http://a", "--max-body", "much"]],
    [["--upstream", "http://a", "--workers", "0"]],
    [["--upstream", "http://user:secret@a"]],
    [["--upstream", "http://a/path"]],
    [["--upstream", "http://a#%zz"]],
    [["--upstream", "http://a", "--listen", "99999"]],
    [["--upstream", "http://a", "--hold", "9h"]],
    [["--upstream", "http://a", "--timeout", "soon"]],
    [["--upstream", "http://a", "--trust-proxy", "everybody"]],
    [["--upstream", "http://a", "--health-path", "up"]],
    [["--upstream", "http://a", "--release-header", "a b"]],
    [["--upstream", "http://a", "--max-connections", "0"]],
  ])("refuses %j before anything is tried", async (words) => {
    const { exitCode, stderr } = await runCli(["gateway", ...words], { cwd: temporaryFolder() });
    expect(exitCode).toBe(2);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).not.toContain("secret");
  });
});
