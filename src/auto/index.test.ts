import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { request as httpsRequest } from "node:https";
import { connect } from "node:http2";
import { connect as connectTo } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { beforeAll, describe, expect, test } from "vitest";
import { auto, autoPlace, root, statusOf } from "../../test/auto/place.ts";
import { visit } from "../../test/support/http.ts";
import type { ReportStore } from "../core/ports.ts";
import { readReports } from "../reports/instances.ts";
import { sqliteStore } from "../stores/sqlite/index.ts";

const place = autoPlace();
const { start } = place;

describe("node --import intermission/auto", () => {
  test("gives an http server the page, and leaves its successes alone", async () => {
    const { port } = await start("http");
    const url = `http://127.0.0.1:${String(port)}`;
    expect(await visit(url)).toMatchObject({ status: 200, body: "fine" });
    const page = await visit(`${url}/broken`, { headers: { accept: "text/html" } });
    expect(page.status).toBe(503);
    expect(page.body).toContain("</html>");
  });

  test("leaves its errors alone when the releases are the same", async () => {
    const { port } = await start("http", { MAINTENANCE_PAGE_RELEASE: "v1.1" });
    expect(await visit(`http://127.0.0.1:${String(port)}/broken`)).toMatchObject({
      status: 500,
      body: "trace",
    });
  });

  test("reads its release file again on SIGHUP, as after a deploy in place", async () => {
    const file = join(place.folder(), "REVISION");
    await writeFile(file, "v1.0\n");
    const { child, port } = await start("http", {
      MAINTENANCE_PAGE_RELEASE: "",
      MAINTENANCE_PAGE_RELEASE_FILE: file,
    });
    const broken = async (): Promise<number> =>
      (await visit(`http://127.0.0.1:${String(port)}/broken`)).status;
    expect(await broken()).toBe(503);
    await writeFile(file, "v1.1\n");
    expect(await broken()).toBe(503);
    child.kill("SIGHUP");
    await expect.poll(broken).toBe(500);
  });

  test("reports what was masked up to the end of a server that shuts down", async () => {
    const { child, port } = await start("http");
    for (let time = 0; time < 3; time++)
      expect((await visit(`http://127.0.0.1:${String(port)}/last/word`)).status).toBe(503);
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);

    const read = sqliteStore(join(place.folder(), "state.db"));
    const { reports } = await readReports(read.reports as ReportStore, "default");
    await read.close();
    const mine = reports.find(({ pid }) => pid === child.pid);
    expect(mine).toMatchObject({ stopped: true, masked: [{ route: "/last", count: 3 }] });
  });

  test("answers a server that handles Expect: 100-continue itself", async () => {
    const { port } = await start("http");
    const answer = await visit(`http://127.0.0.1:${String(port)}/broken`, {
      method: "POST",
      headers: { expect: "100-continue" },
    });
    expect(answer.status).toBe(503);
  });

  test("gives an https server the page", async () => {
    const { port } = await start("https");
    const status = (path: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        httpsRequest(
          { port, host: "127.0.0.1", path, rejectUnauthorized: false, agent: false },
          (response) => {
            response.resume();
            resolve(response.statusCode);
          },
        )
          .on("error", reject)
          .end();
      });
    expect([await status("/"), await status("/broken")]).toEqual([200, 503]);
  });

  test.each(["http2", "http2-secure"])("gives an %s server the page", async (protocol) => {
    const { port } = await start(protocol);
    const scheme = protocol === "http2" ? "http" : "https";
    const session = connect(`${scheme}://127.0.0.1:${String(port)}`, { rejectUnauthorized: false });
    expect([await statusOf(session, "/"), await statusOf(session, "/broken")]).toEqual([200, 503]);
    session.close();
  });

  describe("a store that can't be read", () => {
    let unreadable: Record<string, string>;
    beforeAll(async () => {
      const file = join(place.folder(), "no-database.db");
      await writeFile(file, "This is no database. ".repeat(100));
      unreadable = { MAINTENANCE_STORE: `sqlite:${file}` };
    });

    test("is not asked by a process that serves nothing, which ends when it has nothing else to do", async () => {
      const child = fork(join(root, "test/auto/nothing.js"), [], {
        execArgv: ["--import", auto],
        env: { PATH: process.env["PATH"] ?? "", ...unreadable },
        stdio: "pipe",
      });
      place.endAfterwards(child);
      const [said, [code]] = await Promise.all([text(child.stderr as Readable), once(child, "exit")]);
      expect({ code, said }).toEqual({ code: 0, said: "" });
    });

    test("is warned of by a server before anybody asks it for anything", async () => {
      const { said } = await start("http", unreadable);
      await expect.poll(said, { timeout: 20_000 }).toContain("[intermission]");
    });
  });

  test("goes on without a setting that can't be used, and says so once, where the process serves", async () => {
    const wrong = { MAINTENANCE_STATUS_CODE: "200", MAINTENANCE_MODE: "enabled" };
    const { port, said } = await start("http", wrong);
    expect((await visit(`http://127.0.0.1:${String(port)}/broken`)).status).toBe(503);
    for (const name of Object.keys(wrong))
      expect(said().split(`The value of ${name} can't be used`)).toHaveLength(2);
  });

  test.each([
    { MAINTENANCE_MODE: "enabled" },
    { MAINTENANCE_STORE: "mongodb://a" },
    { DATABASE_URL: "file:./a.db" },
  ])(
    "does nothing in a process that serves nothing, whatever is in its environment: %o",
    async (environment) => {
      const child = fork(join(root, "test/auto/nothing.js"), [], {
        execArgv: ["--import", auto],
        env: { PATH: process.env["PATH"] ?? "", ...environment },
        stdio: "pipe",
      });
      place.endAfterwards(child);
      const [said, [code]] = await Promise.all([text(child.stderr as Readable), once(child, "exit")]);
      expect({ code, said }).toEqual({ code: 0, said: "" });
    },
  );

  test("says that nothing is masked where the store can't be used, and the server goes on", async () => {
    const { port, said } = await start("http", { MAINTENANCE_STORE: "mongodb://a" });
    expect((await visit(`http://127.0.0.1:${String(port)}/broken`)).status).toBe(500);
    expect(said()).toContain("Nothing is masked in this process.");
  });

  test("has the settings that the app loads before it listens, and those that it loads before it does so again", async () => {
    const late = { MAINTENANCE_STORE: place.store(), MAINTENANCE_PAGE_RELEASE: "v1.1" };
    const { child, port } = await start("http", {
      MAINTENANCE_STORE: "",
      MAINTENANCE_PAGE_RELEASE: "",
      LATE: JSON.stringify(late),
    });
    const url = `http://127.0.0.1:${String(port)}/broken`;
    expect((await visit(url)).status).toBe(500);
    const listening = once(child, "message");
    child.send({ MAINTENANCE_PAGE_RELEASE: "v1.0" });
    await listening;
    expect((await visit(url)).status).toBe(503);
  });

  test("a worker of a cluster that closed its server signs off, though its channel keeps it alive", async () => {
    const { child, port } = await start("http");
    expect((await visit(`http://127.0.0.1:${String(port)}/signed/off`)).status).toBe(503);
    child.send("close");
    const read = sqliteStore(join(place.folder(), "state.db"));
    const mine = async (): Promise<boolean | undefined> => {
      const { reports } = await readReports(read.reports as ReportStore, "default");
      return reports.find(({ pid }) => pid === child.pid)?.stopped;
    };
    await expect.poll(mine, { timeout: 10_000 }).toBe(true);
    expect(child.exitCode).toBeNull();
    await read.close();
  });

  test("answers a client that sends its request and half-closes as soon as the server listens", async () => {
    const { port } = await start("http");
    const socket = connectTo({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.end("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(await text(socket)).toContain("200 OK");
  });

  test("a regular error that waits for its verdict is sent before the process exits", async () => {
    const { port } = await start("http", { MAINTENANCE_PAGE_RELEASE: "v1.1" });
    // The first read must be too old to decide.
    const url = `http://127.0.0.1:${String(port)}/exit`;
    await new Promise((later) => setTimeout(later, 1100));
    expect(await visit(url)).toMatchObject({ status: 500, body: "trace" });
  });
});
