import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../cli/run-cli.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { findFreePort } from "../servers/free-port.ts";
import { isInstalled } from "../servers/proxy-process.ts";
import { visit } from "../support/http.ts";
import { startProgram, type Program } from "./program.ts";
import { canImport, python } from "./python.ts";

const deploy = resolve(import.meta.dirname, "../../deploy");
const patience = { timeout: 60_000, interval: 200 };

interface Running {
  readonly program: Program;
  /** Writes the file that a deploy writes. */
  deploy(release: string): void;
  /** The release in an answer now. */
  release(): Promise<string | undefined>;
  readonly pidFile: string;
}

/** Where a server finds its release: in a file, in the file of a folder that a link leads to, or in a variable. */
type Source = "file" | "current" | "environment";

/** A folder for each release, and the link `current`, as Capistrano and Deployer have them. */
function putIntoService(folder: string, release: string): void {
  const files = join(folder, "releases", release);
  mkdirSync(files, { recursive: true });
  writeFileSync(join(files, "REVISION"), `${release}\n`);
  symlinkSync(files, join(folder, "next"));
  renameSync(join(folder, "next"), join(folder, "current"));
}

/** A server that runs v1.0. */
async function start(
  command: string,
  words: (port: number, folder: string) => readonly string[],
  from: Source,
  cwd?: string,
): Promise<Running> {
  const folder = temporaryFolder();
  const file = join(folder, from === "current" ? "current/REVISION" : "REVISION");
  const pidFile = join(folder, "pid");
  const write = (next: string): void => {
    if (from === "current") putIntoService(folder, next);
    else writeFileSync(file, `${next}\n`);
  };
  write("v1.0");
  const port = await findFreePort();
  const release = async (): Promise<string | undefined> => {
    const answer = await visit(`http://127.0.0.1:${String(port)}/`, { timeout: 60_000 }).catch(
      () => undefined,
    );
    return answer?.headers["x-release"] as string | undefined;
  };
  const program = startProgram(command, words(port, folder), {
    cwd: cwd ?? folder,
    env: {
      PYTHONDONTWRITEBYTECODE: "1",
      ...(from === "environment"
        ? { MAINTENANCE_PAGE_RELEASE: "v1.0" }
        : { MAINTENANCE_PAGE_RELEASE_FILE: file }),
    },
  });
  await expect.poll(release, patience).toBe("v1.0");
  return {
    ...{ program, release, pidFile },
    deploy: write,
  };
}

const gunicorn = (port: number, folder: string): readonly string[] => [
  ...["/usr/bin/gunicorn", "--workers", "1", "--bind", `127.0.0.1:${String(port)}`],
  ...["--pid", join(folder, "pid"), "app:app"],
];

const pidIn = (file: string): number => Number(readFileSync(file, "utf8"));

describeWithServer(
  "gunicorn, reloaded in place",
  { available: canImport("flask, gunicorn"), packageName: "python3-flask gunicorn" },
  () => {
    const startGunicorn = (from: Source) => start(python, gunicorn, from, join(deploy, "flask"));

    test("by HUP, as systemctl reload does: says the release that its file has now", async () => {
      const { deploy, release, pidFile } = await startGunicorn("file");
      deploy("v1.1");
      process.kill(pidIn(pidFile), "SIGHUP");
      await expect.poll(release, patience).toBe("v1.1");
    });

    test("by HUP, in a folder of its own for each release: says the one that current leads to", async () => {
      const { deploy, release, pidFile } = await startGunicorn("current");
      deploy("v1.1");
      process.kill(pidIn(pidFile), "SIGHUP");
      await expect.poll(release, patience).toBe("v1.1");
      deploy("v1.0");
      process.kill(pidIn(pidFile), "SIGHUP");
      await expect.poll(release, patience).toBe("v1.0");
    });

    test("by USR2, and the old master ended: says the release that its file has now", async () => {
      const { deploy, release, pidFile } = await startGunicorn("file");
      const old = pidIn(pidFile);
      deploy("v1.1");
      process.kill(old, "SIGUSR2");
      // Next to the old one's, while that exists.
      await expect.poll(() => existsSync(`${pidFile}.2`), patience).toBe(true);
      const next = pidIn(`${pidFile}.2`);
      onTestFinished(() => {
        process.kill(next, "SIGTERM");
      });
      process.kill(old, "SIGQUIT");
      await expect.poll(release, patience).toBe("v1.1");
    });

    test("by HUP, with its release in the environment: says the old one for ever", async () => {
      const { program, deploy, release, pidFile } = await startGunicorn("environment");
      deploy("v1.1");
      process.kill(pidIn(pidFile), "SIGHUP");
      await program.until(/Hang up[^]*Booting worker/);
      await expect.poll(release, patience).toBe("v1.0");
    });
  },
);

describeWithServer(
  "puma, restarted in phases",
  { available: isInstalled("puma", "--version"), packageName: "puma" },
  () => {
    test("by USR1: says the release that its file has now", async () => {
      const {
        program,
        deploy: write,
        release,
        pidFile,
      } = await start(
        "puma",
        (port, folder) => {
          writeFileSync(
            join(folder, "config.ru"),
            `require "${join(deploy, "rails/release_header.rb")}"
             use ReleaseHeader
             run ->(env) { [200, { "content-type" => "text/plain" }, ["Welcome to the shop"]] }\n`,
          );
          const address = `tcp://127.0.0.1:${String(port)}`;
          return ["--workers", "1", "--bind", address, "--pidfile", join(folder, "pid"), "config.ru"];
        },
        "file",
      );
      write("v1.1");
      process.kill(pidIn(pidFile), "SIGUSR1");
      await expect.poll(release, patience).toBe("v1.1");
      await program.stop();
    });
  },
);
