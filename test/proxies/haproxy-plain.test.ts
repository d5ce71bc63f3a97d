import { once } from "node:events";
import { copyFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { isHaproxyAvailable, startHaproxy } from "../servers/haproxy.ts";
import { readRecipe, recipes, startSite, type Site } from "./site.ts";
import { testUntouched } from "./untouched.ts";

const server = { available: isHaproxyAvailable(), packageName: "haproxy" };

describeWithServer("HAProxy without Lua", server, () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite((place) => {
      copyFileSync(join(recipes, "haproxy/regular.map"), join(place.folder, "regular.map"));
      const configuration = readRecipe("haproxy/plain.cfg", place);
      return startHaproxy({ folder: place.folder, port: place.port, configuration });
    });
    return () => site.close();
  });

  /** Sends a command to HAProxy's socket, like the README's deploy. */
  async function tell(command: string): Promise<void> {
    const socket = connect(join(site.place.folder, "admin.sock"));
    socket.end(`${command}\n`);
    socket.resume();
    await once(socket, "close");
  }

  const seen = async (path: string): Promise<string> => {
    const { status, headers } = await site.visit(path);
    return `${String(status)} ${String(headers["x-maintenance"] ?? headers["x-of-the-app"] ?? "")}`;
  };

  test("before a deploy every answer is as the app sent it", async () => {
    // Until its first check, HAProxy assumes that the flag is set.
    await expect.poll(() => seen("/status/500?release=v1.0")).toBe("500 yes");
    expect(await site.visit("/ok?release=v1.0")).toMatchObject({ status: 200, body: "All is well." });
    expect((await site.visit("/ok?release=v1.0")).headers["x-release"]).toBeUndefined();
    expect(await seen("/status/500")).toBe("500 yes");
  });

  testUntouched(() => site);

  test("in a deploy an error is the page, but for the releases that it was told of", async () => {
    await site.operations.createRelease("v1.1", { wait: 1500 });
    expect(await seen("/status/500?release=v1.1")).toBe("503 1");
    const map = join(site.place.folder, "regular.map");
    await tell(`add map ${map} v1.1 regular`);
    expect(await seen("/status/500?release=v1.1")).toBe("500 yes");
    expect(await seen("/status/500?release=v1.0")).toBe("503 1");
    expect(await seen("/status/500")).toBe("503 1");
    expect(await seen("/meant")).toBe("503 ");
    expect(await seen("/masked")).toBe("503 deploy");
    expect(await seen("/ok")).toBe("200 yes");
    await tell(`del map ${map} v1.1`);
    expect(await seen("/status/500?release=v1.1")).toBe("503 1");
    await tell(`add map ${map} v1.1 regular`);
  });

  test("a refused connection goes to serve, which no header of a visitor deceives", async () => {
    await site.app.refuse();
    const headers = { "X-Original-Status": "404", "X-Upstream-Release": "v1.1", "X-Code": "404" };
    const page = await site.visit("/refused", { headers });
    expect(page).toMatchObject({ status: 503, headers: { "x-maintenance": "1" } });
    for (const path of ["/state", "/flag", "/metrics"]) expect(await seen(path)).toBe("503 1");
    await site.app.accept();
    await expect.poll(() => seen("/ok")).toBe("200 yes");
  });

  test("without serve, errors are the original", async () => {
    site.serve.signal("SIGSTOP");
    await expect.poll(() => seen("/status/500?release=v1.0"), { timeout: 3000 }).toBe("500 yes");
    await site.serve.end("SIGKILL");
    expect(await seen("/status/500?release=v1.0")).toBe("500 yes");
  });
});
