import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { connectTo, startUpstream } from "../support/gateway.ts";
import { visit } from "../support/http.ts";
import { cliPath, runCli, temporaryFolder } from "./run-cli.ts";

/** The verb as a process of its own, until it has said where it is. */
async function startGateway(
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{
  readonly url: string;
  readonly child: ReturnType<typeof spawn>;
  readonly said: () => string;
}> {
  const child = spawn(process.execPath, [cliPath, "gateway", "--listen", "127.0.0.1:0", ...words], {
    cwd,
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  while (!said.includes("The gateway is at")) await once(child.stderr, "data");
  return { url: /http:\/\/[\d.:]+/.exec(said)?.[0] ?? "", child, said: () => said };
}

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

  test("alone, takes the release after the address, and reports nothing of itself", async () => {
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
    // What has masked an error reports at its end, at the latest.
    const { stdout } = await runCli(["instances", "--json"], { cwd });
    expect(JSON.parse(stdout).instances).toEqual([]);
  });

  test("ends with SIGTERM when what is under way is answered", async () => {
    let answer = (): void => {};
    let wasAsked = (): void => {};
    const asked = new Promise<void>((resolve) => (wasAsked = resolve));
    const upstream = await startUpstream((request, response) => {
      // The gateway asks by HEAD which release the upstream runs.
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

describe("on one machine", () => {
  test("several workers answer at one address, with one control address for all, and end with SIGTERM", async () => {
    const upstream = await startUpstream((_, response) => response.end("app"));
    const words = ["--upstream", upstream.url, "--workers", "2", "--control", "127.0.0.1:0"];
    const { url, child, said } = await startGateway(words, temporaryFolder());
    for (let times = 0; times < 6; times++) expect((await visit(url)).body).toBe("app");
    while (!said().includes("/metrics") && !said().includes("/healthz")) await once(child.stderr!, "data");
    const control = /http:\/\/[\d.:]+(?=\/healthz)/.exec(said())?.[0] ?? "";
    expect((await visit(`${control}/metrics`)).body).toContain("\nintermission_gateway_requests_total 6\n");
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    expect(await exit).toEqual([0, null]);
  });

  test("takes the socket that systemd hands over, and says when it is ready", async () => {
    const upstream = await startUpstream((_, response) => response.end("app"));
    const cwd = temporaryFolder();
    const notified = join(cwd, "notified");
    // A stand-in for systemd's own program, which tells it the state that it is given.
    writeFileSync(join(cwd, "systemd-notify"), `#!/bin/sh\necho "$1" >> ${notified}\n`, { mode: 0o755 });
    // As systemd does it: a socket that listens already is the descriptor 3 of the process that is begun.
    const standIn = [
      "import os, socket, sys",
      "s = socket.create_server(('127.0.0.1', 0))",
      "print(s.getsockname()[1], flush=True)",
      "os.dup2(s.fileno(), 3)",
      "os.set_inheritable(3, True)",
      "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))",
      "os.execv(sys.argv[1], sys.argv[1:])",
    ].join("\n");
    const words = ["-c", standIn, process.execPath, cliPath, "gateway", "--upstream", upstream.url];
    const child = spawn("python3", words, {
      cwd,
      env: { PATH: `${cwd}:${process.env["PATH"] ?? ""}`, NOTIFY_SOCKET: "/run/systemd/notify" },
      stdio: ["ignore", "pipe", "ignore"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const [port] = (await once(child.stdout, "data")) as [Buffer];
    // It waits in the socket until the gateway is there.
    expect((await visit(`http://127.0.0.1:${port.toString().trim()}`)).body).toBe("app");
    while (!existsSync(notified)) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(readFileSync(notified, "utf8")).toBe("READY=1\n");
  });

  test("writes an access log, opens it anew on SIGUSR2, and reads its upstreams again on SIGHUP", async () => {
    const [first, second] = [
      await startUpstream((_, response) => response.end("first")),
      await startUpstream((_, response) => response.end("second")),
    ];
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, "upstreams"), `# the shop\n${first.url}#v1.0\n`);
    const words = ["--upstreams", "upstreams", "--access-log", "access.log"];
    const { url, child, said } = await startGateway(words, cwd);
    const until = async (isSo: () => boolean): Promise<void> => {
      while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    const lines = (name: string): readonly string[] =>
      existsSync(join(cwd, name)) ? readFileSync(join(cwd, name), "utf8").split("\n").filter(Boolean) : [];
    expect((await visit(`${url}/one`)).body).toBe("first");
    await until(() => lines("access.log").length === 1);
    expect(JSON.parse(lines("access.log")[0] ?? "")).toMatchObject({
      status: 200,
      path: "/one",
      release: "v1.0",
    });
    writeFileSync(join(cwd, "upstreams"), `${second.url}\n`);
    renameSync(join(cwd, "access.log"), join(cwd, "access.log.1"));
    child.kill("SIGUSR2");
    await until(() => existsSync(join(cwd, "access.log")));
    child.kill("SIGHUP");
    await until(() => said().includes("read again"));
    expect((await visit(`${url}/two`)).body).toBe("second");
    await until(() => lines("access.log").length === 1);
    writeFileSync(join(cwd, "upstreams"), "nonsense\n");
    child.kill("SIGHUP");
    await until(() => said().includes("What there was before stays in use"));
    expect((await visit(`${url}/three`)).body).toBe("second");
  });
});
