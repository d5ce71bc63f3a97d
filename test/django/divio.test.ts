import { chmodSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { cliPath, runCli, temporaryFolder } from "../cli/run-cli.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { findFreePort } from "../servers/free-port.ts";
import { visit } from "../support/http.ts";
import { startProgram, type Program } from "./program.ts";
import { canImport, python } from "./python.ts";

const script = resolve(import.meta.dirname, "../../deploy/divio/start.sh");
const flask = resolve(import.meta.dirname, "../../deploy/flask");

describeWithServer(
  "deploy/divio/start.sh",
  { available: canImport("flask, gunicorn"), packageName: "python3-flask gunicorn" },
  () => {
    /** As in a container of v1.0, whose gunicorn listens on a free port. */
    async function start(): Promise<{
      readonly container: Program;
      readonly url: string;
      readonly folder: string;
    }> {
      const folder = temporaryFolder();
      const [port, inner] = await Promise.all([findFreePort(), findFreePort()]);
      const place = (name: string, line: string): void => {
        writeFileSync(join(folder, name), `#!/bin/sh\nexec ${line.replaceAll("8000", String(inner))}\n`);
        chmodSync(join(folder, name), 0o755);
      };
      place("gunicorn", `"${python}" -m gunicorn --bind 127.0.0.1:8000 "$1"`);
      place(
        "intermission",
        `"${process.execPath}" "${cliPath}" "$1" "$2" "$3" "$4" http://127.0.0.1:8000 --hold 10s`,
      );
      await runCli(["create-release", "v1.0", "--no-wait"], { cwd: folder });
      const container = startProgram(script, [], {
        cwd: flask,
        env: {
          DJANGO_MAINTENANCE_PAGE_RELEASE: "v1.0",
          MAINTENANCE_STORE: `sqlite:${join(folder, ".intermission/state.db")}`,
          PATH: `${folder}:${process.env["PATH"] ?? ""}`,
          PORT: String(port),
          PYTHONDONTWRITEBYTECODE: "1",
          WSGI_MODULE: "app:app",
        },
      });
      await container.until(/The gateway is at/);
      return { container, url: `http://127.0.0.1:${String(port)}`, folder };
    }

    test("starts both, and ends both on SIGTERM", async () => {
      const { container, url, folder } = await start();
      // It waits for gunicorn.
      expect(await visit(url)).toMatchObject({ status: 200, body: "Welcome to the shop" });
      expect(await visit(`${url}/orders`)).toMatchObject({ status: 500 });
      await runCli(["create-release", "v1.1"], { cwd: folder });
      expect(await visit(`${url}/orders`)).toMatchObject({
        status: 503,
        headers: { "x-maintenance": "deploy" },
      });
      await container.stop();
      expect(container.said).toContain("Shutting down: Master");
      await expect(visit(url)).rejects.toThrow("ECONNREFUSED");
    });

    test("ends when gunicorn does", async () => {
      const { container, url } = await start();
      await visit(url);
      const [, master = ""] = await container.until(/\[(\d+)\] \[INFO\] Listening at/);
      process.kill(Number(master), "SIGTERM");
      await container.until(/Ending when the requests under way are answered/);
      await container.ended;
      await expect(visit(url)).rejects.toThrow("ECONNREFUSED");
    });
  },
);
