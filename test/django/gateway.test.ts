import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { startPostgres, type PostgresServer } from "../servers/postgres.ts";
import { visit } from "../support/http.ts";
import { comparable } from "./comparable.ts";
import { createShop, django } from "./shop.ts";
import { openGateway, openSite } from "./site.ts";
import { playDeploy } from "./story.ts";
import { kindOf } from "./visitors.ts";

describeWithServer("Django behind the gateway", django, () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  test("a deploy under traffic: from the return of create-release no error of an old worker is seen", async () => {
    const site = await openSite(postgres, 3);
    const { url } = await openGateway(site);
    await playDeploy(site, url);
    // All run the current release: errors are regular again.
    expect(kindOf("/broken/", await visit(`${url}/broken/`))).toBe("raw");
  });

  test("a regular error is Django's own, byte for byte, and a success of its own too", async () => {
    const site = await openSite(postgres);
    const { url } = await openGateway(site);
    for (const path of ["/broken/", "/nowhere/", "/", "/orders"]) {
      const [behind, direct] = await Promise.all([url, site.origins[0]!].map((at) => visit(`${at}${path}`)));
      expect(comparable(behind!)).toEqual(comparable(direct!));
    }
    expect(await visit(`${url}/broken/`)).toMatchObject({
      status: 500,
      body: expect.stringContaining("Server Error (500)") as string,
    });
  });

  test("the error that a visitor did not see is in Django's log as ever", async () => {
    const site = await openSite(postgres);
    const { url } = await openGateway(site);
    await site.intermission("v1.1", "create-release");
    expect(kindOf("/broken/", await visit(`${url}/broken/`))).toBe("page");
    await site.instances[0]!.until(/Internal Server Error: \/broken\/[^]*an error that no deploy has made/);
  });

  test("manual mode hides every server error, and nothing else", async () => {
    const site = await openSite(postgres);
    const { url } = await openGateway(site);
    const kinds = async () =>
      Promise.all(
        ["/broken/", "/", "/orders/"].map(async (path) => kindOf(path, await visit(`${url}${path}`))),
      );
    expect(await kinds()).toEqual(["raw", "success", "success"]);
    await site.intermission("v1.0", "on");
    expect(await kinds()).toEqual(["page", "success", "success"]);
    await site.intermission("v1.0", "off");
    expect(await kinds()).toEqual(["raw", "success", "success"]);
  });

  test("the variables of django-maintenance-page mean the same to the gateway", async () => {
    const site = await openSite(postgres);
    const { url } = await openGateway(site, {
      DJANGO_MAINTENANCE_MODE: "True",
      DJANGO_MAINTENANCE_STATUS_CODE: "502",
    });
    expect(await visit(`${url}/broken/`)).toMatchObject({
      status: 502,
      headers: { "x-maintenance": "manual" },
    });
    expect(await visit(`${url}/`)).toMatchObject({ status: 200, body: "Welcome to the shop" });
  });

  test("a load balancer with TLS in front is believed where the gateway is told of it", async () => {
    const site = await openSite(postgres, 1, { BEHIND_TLS: "1" });
    const { url } = await openGateway(site, {}, "--trust-proxy", "127.0.0.1");
    expect(await visit(url, { headers: { "x-forwarded-proto": "https" } })).toMatchObject({ status: 200 });
    const stranger = await openGateway(site);
    expect(await visit(stranger.url, { headers: { "x-forwarded-proto": "https" } })).toMatchObject({
      status: 301,
      headers: { location: expect.stringMatching(/^https:/) as string },
    });
  });

  test("after a rollback the old workers show their own errors again", async () => {
    const site = await openSite(postgres);
    const { url } = await openGateway(site);
    await site.intermission("v1.1", "create-release");
    expect(kindOf("/broken/", await visit(`${url}/broken/`))).toBe("page");
    await site.intermission("v1.0", "rollback");
    expect(kindOf("/broken/", await visit(`${url}/broken/`))).toBe("raw");
  });

  test("slow visitors occupy the gateway and not gunicorn's sync workers, so others are served at once", async () => {
    const site = await openSite(postgres);
    const { url } = await openGateway(site);
    const [origin = ""] = site.origins;
    const within = { timeout: 2000 };
    for (const unfinished of [
      "GET / HTTP/1.1\r\nHost: shop.example\r\n",
      "POST /orders/ HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 1000\r\n\r\nitem=",
    ]) {
      for (let visitor = 0; visitor < 2; visitor++) await begin(url, unfinished);
      expect(await visit(`${url}/`, within)).toMatchObject({ status: 200 });
    }
    for (let visitor = 0; visitor < 2; visitor++) await begin(origin, "GET / HTTP/1.1\r\n");
    await expect(visit(`${origin}/`, within), "without the gateway nobody else is served").rejects.toThrow();
  });

  test("a worker that is killed, and a gunicorn that is stopped, are errors like any other", async () => {
    const site = await openSite(postgres);
    const { url } = await openGateway(site);
    const kind = async (path: string) => kindOf(path, await visit(`${url}${path}`));
    // The gateway learns the release from any answer.
    expect(await kind("/")).toBe("success");
    expect(await visit(`${url}/killed/`)).toMatchObject({ status: 502 });

    await site.intermission("v1.1", "create-release");
    expect(await kind("/killed/")).toBe("page");
    await site.instances[0]!.stop();
    expect(await kind("/")).toBe("page");

    site.instances[0] = await createShop("v1.1", site.databaseUrl).serve(site.ports[0]!);
    expect(await kind("/")).toBe("success");
    await site.instances[0].stop();
    expect(await visit(`${url}/`)).toMatchObject({ status: 502 });
  });
});

/** Sends a part of a request, and leaves it there until the test ends. */
async function begin(origin: string, part: string): Promise<void> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname).on("error", () => undefined);
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, "connect");
  await new Promise<void>((sent) => socket.write(part, () => sent()));
}
