import { randomUUID } from "node:crypto";
import { request as httpRequest } from "node:http";
import { connect } from "node:http2";
import { request as httpsRequest } from "node:https";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { autoPlace, statusOf } from "../../test/auto/place.ts";
import { createIntermission } from "../index.ts";

const place = autoPlace();
const { start } = place;

describe("node --import intermission/auto, while the site is closed", () => {
  async function closedStore(): Promise<{ readonly env: Record<string, string>; readonly token: string }> {
    const MAINTENANCE_STORE = `sqlite:${join(place.folder(), `${randomUUID()}.db`)}`;
    const desk = createIntermission(
      { store: MAINTENANCE_STORE, release: "v1.0" },
      { environment: {}, watching: false },
    );
    const { bypass } = await desk.switchOn({ mode: "closed", exemptPaths: ["/health"], wait: false });
    await desk.close();
    return { env: { MAINTENANCE_STORE }, token: bypass.token };
  }

  test.each(["http", "https"])("keeps every request from an %s server, but for the exempt", async (kind) => {
    const { env, token } = await closedStore();
    const { port } = await start(kind, env);
    const send = kind === "http" ? httpRequest : httpsRequest;
    const status = (path: string, headers: Record<string, string> = {}): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const options = {
          port,
          path,
          headers,
          host: "127.0.0.1",
          agent: false,
          rejectUnauthorized: false,
        };
        send(options, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on("error", reject)
          .end();
      });
    // The server listens before its first read of the store.
    expect(await status("/")).toBe(503);
    expect(await status("/health")).toBe(200);
    expect(await status("/", { expect: "100-continue" })).toBe(503);
    expect(await status("/", { cookie: `intermission-bypass=${token}` })).toBe(200);
    expect(await status("/broken", { cookie: `intermission-bypass=${token}` })).toBe(500);
    expect(await status(`/?intermission-bypass=${token}`)).toBe(302);
  });

  test.each(["http2", "http2-secure"])("keeps every request from an %s server", async (protocol) => {
    const { port } = await start(protocol, (await closedStore()).env);
    const scheme = protocol === "http2" ? "http" : "https";
    const session = connect(`${scheme}://127.0.0.1:${String(port)}`, { rejectUnauthorized: false });
    expect(await statusOf(session, "/")).toBe(503);
    expect(await statusOf(session, "/health")).toBe(200);
    session.close();
  });
});
