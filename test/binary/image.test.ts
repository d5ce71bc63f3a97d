import { type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from "vitest";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { findFreePort } from "../servers/free-port.ts";
import { isInstalled } from "../servers/proxy-process.ts";
import { listen, visit } from "../support/http.ts";
import { buildImage, type Image } from "./image.ts";

const { folder } = inject("built");
const program = "/usr/bin/intermission";

const buildah = {
  // It mounts and changes users.
  available: isInstalled("buildah", "--version") && process.getuid?.() === 0,
  packageName: "buildah",
};

async function ended(child: ChildProcess): Promise<{ code: number | null; output: string }> {
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}

describeWithServer("the container image", buildah, () => {
  let image: Image;
  beforeAll(async () => {
    image = await buildImage(folder);
  });
  afterAll(() => {
    image.remove();
  });

  test("has one program, a user other than root, and a health check", () => {
    expect(image.config).toMatchObject({
      User: "65532:65532",
      Entrypoint: [program],
      Healthcheck: { Test: ["CMD", program, "health"] },
    });
    expect(readdirSync(join(image.root, "usr/bin"))).toEqual(["intermission"]);
    expect(existsSync(join(image.root, "usr/lib/libatomic.so.1"))).toBe(true);
  });

  test("runs as that user, who can write nowhere", async () => {
    const { version } = JSON.parse(
      readFileSync(resolve(import.meta.dirname, "../../package.json"), "utf8"),
    ) as { readonly version: string };
    expect(await ended(image.start([program, "version"]))).toEqual({ code: 0, output: `${version}\n` });
    const { code, output } = await ended(image.start([program, "create-release", "v1.0"]));
    expect([code, output]).toEqual([1, expect.stringMatching(/^intermission: The SQLite .*state\.db.*\n$/)]);
  });

  test("is a gateway: it shows the page, takes a large upload, and is well until it is stopped", async () => {
    const volume = mkdtempSync(join(tmpdir(), "intermission-volume-"));
    chmodSync(volume, 0o1777);
    onTestFinished(() => {
      rmSync(volume, { recursive: true });
    });
    const environment = { MAINTENANCE_STORE: "sqlite:/tmp/state.db" };
    const verb = (...words: readonly string[]): Promise<{ code: number | null; output: string }> =>
      ended(image.start([program, ...words], { environment, volume }));
    expect(await verb("create-release", "v1.0")).toMatchObject({ code: 0 });
    const app = await listen(
      createServer((request, response) => {
        let size = 0;
        request.on("data", (chunk: Buffer) => (size += chunk.length));
        request.on("end", () => {
          const status = request.url === "/boom" ? 500 : 200;
          response.writeHead(status, { "x-release": "v1.0" }).end(String(size));
        });
      }),
    );
    onTestFinished(() => app.close());
    const control = `127.0.0.1:${String(await findFreePort())}`;
    const words = ["gateway", "--listen", "127.0.0.1:0", "--control", control, "--upstream", app.url];
    const child = image.start([program, ...words], { environment, volume });
    onTestFinished(() => void child.kill("SIGKILL"));
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    while (!said.includes("The gateway is at")) await once(child.stderr!, "data");
    const url = /http:\/\/[\d.:]+/.exec(said)?.[0] ?? "";

    expect(await visit(`${url}/boom`)).toMatchObject({ status: 500 });
    expect(await verb("create-release", "v1.1")).toMatchObject({ code: 0 });
    expect(await visit(`${url}/boom`)).toMatchObject({ status: 503 });
    const body = "x".repeat(3_000_000);
    expect(await visit(url, { method: "POST", body })).toMatchObject({ status: 200, body: "3000000" });
    expect(await verb("health", "--control", control)).toMatchObject({ code: 0 });
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(await verb("health", "--control", control)).toMatchObject({ code: 1 });
  });

  test("takes a large upload where there is no folder to write to", async () => {
    const app = await listen(
      createServer((request, response) => {
        let size = 0;
        request.on("data", (chunk: Buffer) => (size += chunk.length));
        request.on("end", () => response.end(String(size)));
      }),
    );
    onTestFinished(() => app.close());
    const environment = { MAINTENANCE_STORE: "redis://127.0.0.1:1" };
    const child = image.start([program, "gateway", "--listen", "127.0.0.1:0", "--upstream", app.url], {
      environment,
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    while (!said.includes("The gateway is at")) await once(child.stderr!, "data");
    const url = /http:\/\/[\d.:]+/.exec(said)?.[0] ?? "";
    const body = "x".repeat(3_000_000);
    expect(await visit(url, { method: "POST", body })).toMatchObject({ status: 200, body: "3000000" });
  });

  test("is the error backend, and its own health check finds it", async () => {
    const ports = ["--listen", "0", "--control", "127.0.0.1:9201", "--json"];
    const child = image.start([program, "serve", ...ports], {
      environment: { MAINTENANCE_STORE: "redis://127.0.0.1:1" },
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    await once(child.stdout!, "data");
    const [, ...check] = image.config.Healthcheck.Test;
    expect(await ended(image.start(check))).toEqual({ code: 0, output: "127.0.0.1:9201: well\n" });
  });
});
