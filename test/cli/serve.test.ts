import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { findFreePort } from "../servers/free-port.ts";
import { visit } from "../support/http.ts";
import { cliPath, runCli, temporaryFolder } from "./run-cli.ts";

let cwd: string;
beforeEach(() => {
  cwd = temporaryFolder();
});

interface Serving {
  readonly child: ChildProcess;
  readonly errors: string;
  readonly control: string;
  /** Its output so far. */
  readonly said: { stdout: string; stderr: string };
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts `serve`, and waits until it says where it listens. */
async function serve(...words: readonly string[]): Promise<Serving> {
  const ports = ["--listen", "0", "--control", "0", "--json"];
  const child = spawn(process.execPath, [cliPath, "serve", ...ports, ...words], {
    cwd,
    env: { PATH: process.env["PATH"], MAINTENANCE_PAGE_RELEASE: "of-the-proxy", KAMAL_VERSION: "too" },
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const said = { stdout: "", stderr: "" };
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said.stdout += text;
      if (said.stdout.endsWith("}\n")) resolve();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
    child.once("exit", () => {
      reject(new Error(`It ended: ${said.stderr}`));
    });
  });
  await ready;
  const { errors, control } = JSON.parse(said.stdout) as {
    readonly errors: string;
    readonly control: string;
  };
  return {
    ...{ child, errors, control, said },
    async stop(signal) {
      const ended = once(child, "exit");
      child.kill(signal);
      const [code] = (await ended) as [number | null];
      return code;
    },
  };
}

describe("serve", () => {
  test("follows a deploy: from the return of create-release on, no error of an old instance is regular", async () => {
    const cli = (...words: readonly string[]) => runCli(words, { cwd });
    await cli("create-release", "v1.0", "--no-wait");
    const { errors, control, said, stop } = await serve("--publish", "published");
    const decide = async (release?: string) =>
      (
        await visit(`${errors}/decide`, {
          headers: {
            "x-original-status": "500",
            ...(release === undefined ? {} : { "x-upstream-release": release }),
          },
        })
      ).status;
    expect([await decide("v1.0"), await decide()]).toEqual([204, 204]);

    await cli("create-release", "v1.1");
    expect([await decide("v1.0"), await decide("v1.1"), await decide()]).toEqual([503, 204, 503]);
    // Also for proxies that rely on publications.
    expect((await visit(`${control}/flag`)).status).toBe(200);
    expect(existsSync(join(cwd, "published/active"))).toBe(true);

    await cli("rollback", "v1.0");
    expect([await decide("v1.0"), await decide("v1.1")]).toEqual([204, 503]);
    expect(await stop("SIGTERM")).toBe(0);
    expect(said.stderr).toMatch(/^Not intercepting: .+\nIntercepting: .+\n$/);
    expect(existsSync(join(cwd, "published/active"))).toBe(false);
    expect(JSON.parse((await cli("report", "v1.1", "--json")).stdout)).toMatchObject({ maskedErrors: 2 });
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s: a request that has begun is still answered, and the status is 0",
    async (signal) => {
      const { errors, stop } = await serve();
      const socket = connect(Number(new URL(errors).port), "127.0.0.1");
      onTestFinished(() => {
        socket.destroy();
      });
      let answer = "";
      socket.setEncoding("utf8").on("data", (text: string) => (answer += text));
      socket.write("GET /a HTTP/1.1\r\n");
      // An answer on another connection: by then the first bytes have been read.
      await visit(`${errors}/b`);
      const stopped = stop(signal);
      const port = Number(new URL(errors).port);
      await expect.poll(() => isRefused(port)).toBe(true);
      socket.write("Host: a\r\n\r\n");
      expect(await stopped).toBe(0);
      expect(answer).toMatch(/^HTTP\/1\.1 502 [^]*\r\nconnection: close\r\n/i);
    },
  );

  test("a port in use is one clear line, and status 1", async () => {
    const { errors } = await serve();
    const address = new URL(errors).host;
    const control = String(await findFreePort());
    const { exitCode, stdout, stderr } = await runCli(["serve", "--listen", address, "--control", control], {
      cwd,
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(/^intermission: Nothing can listen on 127\.0\.0\.1:\d+ \(.*EADDRINUSE.*\n$/);
  });

  test("a store that is away when it starts is no reason not to start", async () => {
    const port = await findFreePort();
    const { errors, said, stop } = await serve("--store", `redis://127.0.0.1:${String(port)}`);
    const headers = { "x-original-status": "500", "x-upstream-release": "v1.0" };
    expect((await visit(`${errors}/decide`, { headers })).status).toBe(204);
    expect(said.stderr).toContain("errors stay regular");
    expect(await stop("SIGTERM")).toBe(0);
  });

  test.each([
    [["--listen", "nowhere"], "--listen needs an address"],
    [["--listen", "127.0.0.1:70000"], "--listen needs an address"],
    [["--control", "[localhost]:1"], "--control needs an address"],
    [["--upstream", "10.0.0.7"], "--upstream needs an address as the proxy writes it"],
    [["--window", "long"], "--window needs a duration"],
    [["--release-header", "X Release"], "--release-header needs the name of a header"],
    [["8080"], "serve takes only options"],
  ])("%j: status 2", async (words, sentence) => {
    const { exitCode, stderr } = await runCli(["serve", ...words], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(sentence);
  });
});

function isRefused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", () => {
      resolve(true);
    });
  });
}
