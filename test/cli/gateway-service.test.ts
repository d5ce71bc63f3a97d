import { once } from "node:events";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { Agent, request } from "node:https";
import { join, resolve } from "node:path";
import { TLSSocket } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { findFreePort } from "../servers/free-port.ts";
import { makeCertificate } from "../support/certificate.ts";
import { startUpstream } from "../support/gateway.ts";
import { visit } from "../support/http.ts";
import { temporaryFolder } from "./run-cli.ts";
import { startGateway } from "./run-gateway.ts";
import { startSystemd } from "./systemd.ts";

const units = resolve(import.meta.dirname, "../../deploy/gateway");

function unit(kind: "socket" | "service"): string {
  return readFileSync(join(units, `intermission-gateway.${kind}`), "utf8");
}

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

  test("takes a new certificate on SIGHUP, and no request is lost", async () => {
    const upstream = await startUpstream((_, response) => response.end("app"));
    const cwd = temporaryFolder();
    const install = (name: string): void => {
      const { cert, key } = makeCertificate(name);
      writeFileSync(join(cwd, "cert.pem"), cert);
      writeFileSync(join(cwd, "key.pem"), key);
    };
    install("first");
    const files = ["--certificate", "cert.pem", "--key", "key.pem"];
    const { url, child, said } = await startGateway(["--upstream", upstream.url, ...files], cwd);
    const kept = new Agent({ keepAlive: true, maxSockets: 2, rejectUnauthorized: false });
    onTestFinished(() => {
      kept.destroy();
    });
    const ask = async (agent: Agent | false): Promise<{ readonly body: string; readonly name: string }> =>
      new Promise((resolve, reject) => {
        const asked = request(url, { agent, rejectUnauthorized: false }, (answer) => {
          const { socket } = answer;
          const name = socket instanceof TLSSocket ? String(socket.getPeerCertificate().subject.CN) : "";
          let body = "";
          answer.setEncoding("utf8").on("data", (text: string) => (body += text));
          answer.on("end", () => {
            resolve({ body, name });
          });
        });
        asked.on("error", reject).end();
      });
    expect(await ask(false)).toEqual({ body: "app", name: "first" });
    install("second");
    const answers: string[] = [];
    let isOver = false as boolean;
    const visits = [kept, kept, false as const].map(async (agent) => {
      while (!isOver) answers.push((await ask(agent)).body);
    });
    child.kill("SIGHUP");
    while (!said().includes("read again")) await once(child.stderr!, "data");
    while ((await ask(false)).name !== "second");
    isOver = true;
    await Promise.all(visits);
    expect(new Set(answers)).toEqual(new Set(["app"]));
    // A mismatched pair changes nothing.
    writeFileSync(join(cwd, "key.pem"), makeCertificate("third").key);
    child.kill("SIGHUP");
    while (!said().includes("stay in use")) await once(child.stderr!, "data");
    expect(await ask(false)).toEqual({ body: "app", name: "second" });
  });

  test("runs by its units: both sockets are systemd's, and a restart refuses no visitor", async () => {
    const app = join(temporaryFolder(), "app.sock");
    const server = createServer((_, response) => response.end("app")).listen(app);
    await once(server, "listening");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const [visitors, control] = [await findFreePort(), await findFreePort()];
    const systemd = startSystemd({
      socket: unit("socket")
        .replace("ListenStream=80\n", `ListenStream=127.0.0.1:${String(visitors)}\n`)
        .replace("9202", String(control)),
      service: unit("service").replace("/run/shop/gunicorn.sock", app),
    });
    const url = `http://127.0.0.1:${String(visitors)}`;
    await systemd.until("ready 1");
    expect((await visit(`http://127.0.0.1:${String(control)}/healthz`)).status).toBe(200);
    const answers: string[] = [];
    let isOver = false as boolean;
    const visiting = [1, 2, 3].map(async () => {
      while (!isOver) answers.push((await visit(url, { timeout: 30_000 })).body);
    });
    for (const times of [2, 3]) {
      systemd.restart();
      await systemd.until(`ready ${String(times)}`);
    }
    isOver = true;
    await Promise.all(visiting);
    expect(new Set(answers)).toEqual(new Set(["app"]));
    expect(answers.length).toBeGreaterThan(3);
    expect(systemd.said()).toContain("ended 0");
    expect(systemd.said()).not.toContain("ended 1");
  }, 60_000);

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
    await until(() => said().includes("The previous ones stay in use"));
    expect((await visit(`${url}/three`)).body).toBe("second");
  });
});
