import { renameSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { describeWithServer } from "../servers/describe-with-server.ts";
import type { ProxyProcess } from "../servers/proxy-process.ts";
import { cookies, ofTheError } from "./app.ts";
import { handshake } from "./clients.ts";
import {
  breakDown,
  expectOriginal,
  expectPage,
  expectRegular,
  expectStoredPage,
  type Breakdown,
} from "./expectations.ts";
import { startSite, type Place, type Site } from "./site.ts";
import { underTraffic, type Traffic } from "./traffic.ts";
import { testKept, testUntouched } from "./untouched.ts";

type Outcome = "page" | "original";

/** A recipe, and what its README promises. */
export interface Recipe {
  readonly name: string;
  readonly available: boolean;
  /** Its name in `apt-get install`. */
  readonly packageName: string;
  start(place: Place): Promise<ProxyProcess>;
  /** Whether `serve` is asked about each of the app's errors, or the proxy decides by the published state. */
  readonly decides: "serve" | "proxy";
  /** What happens to a regular error during a deploy. */
  readonly regular: "kept" | "generic";
  /** What becomes the page during a deploy. The others are always the proxy's own errors. */
  readonly masks: readonly Breakdown[];
  /**
   * What a visitor gets during a deploy if `serve` hangs or was killed: for an error of the app, and if the
   * app gives no answer.
   */
  readonly withoutServe: { readonly answered: Outcome; readonly unreachable: Outcome };
  /** The page keeps what `MAINTENANCE_KEEP_HEADERS` of `serve` names. */
  readonly keepsAdded?: true;
  /** Of several cookies, the first: this version knows no more. */
  readonly keepsOneCookie?: true;
  /** Milliseconds that `create-release` must wait, so that no error is missed. */
  readonly wait: number;
}

const statuses = [500, 501, 502, 503, 504];
const breakdowns: readonly Breakdown[] = ["refused", "killed", "silent"];
/** No answer takes longer, whatever has happened to `serve`. Milliseconds. */
const patience = 3000;
/** What a visitor could send to pass for the proxy. */
const forged = {
  ...{ "X-Original-Status": "404", "X-Original-URI": "/x", "X-Original-Method": "PUT", "X-Code": "404" },
  ...{
    "X-Original-Retry-After": "5",
    "X-Original-Content-Type": "application/grpc",
    "X-Format": "image/png",
  },
  ...{
    "X-Original-Set-Cookie": "forged=1",
    "X-Original-Access-Control-Allow-Origin": "https://forged.example",
  },
  ...{ "X-Original-Maintenance": "closed", "X-Upstream-Addr": "a:1", "X-Maintenance": "1" },
};

/**
 * Defines the tests that every recipe must pass, on the proxy itself: the story of a deploy, in its order.
 */
export function testProxy(recipe: Recipe): void {
  const { name, available, packageName, masks, wait } = recipe;
  describeWithServer(name, { available, packageName }, () => {
    let site: Site;
    beforeAll(async () => {
      site = await startSite(recipe.start);
      return () => site.close();
    });

    describe("before a deploy", () => {
      testUntouched(() => site);

      test.each(breakdowns)("%s: the proxy's own error", async (breakdown) => {
        expectRegular(await breakDown(site, breakdown));
      });

      test.each(statuses)("%i is as the app sent it", async (status) => {
        await expectOriginal(site, `/status/${String(status)}?release=v1.0`, status);
      });

      test("an error that carries no release is as the app sent it", async () => {
        await expectOriginal(site, "/status/500", 500);
      });

      testKept(() => site, "v1.0");
    });

    describe("in a deploy", () => {
      let traffic: Traffic;
      beforeAll(async () => {
        const paths = ["/ok?release=v1.0", "/status/500?release=v1.0"];
        traffic = await underTraffic(site, paths, () => site.operations.createRelease("v1.1", { wait }));
      });

      test("under traffic, no success is touched, and from the return of create-release on no error is raw", () => {
        for (const { path, answer } of traffic.all) {
          if (path.startsWith("/ok")) expect(answer).toMatchObject({ status: 200, body: "All is well." });
          else expect([500, 503]).toContain(answer.status);
        }
        const failed = traffic.after.filter(({ path }) => path.startsWith("/status"));
        expect(failed.length).toBeGreaterThan(10);
        for (const { answer } of failed) expectPage(answer);
      });

      testUntouched(() => site);

      test.each(statuses)("%i of the old release is the page", async (status) => {
        expectPage(await site.visit(`/status/${String(status)}?release=v1.0`));
      });

      test("the page is HTML, JSON or text, and without a body for HEAD", async () => {
        const ask = (accept: string, method = "GET") =>
          site.visit("/zipped?release=v1.0", { method, headers: { Accept: accept } });
        const html = await ask("text/html,*/*;q=0.8");
        expectPage(html);
        expect(html.body).toMatch(/^<!doctype html>[^]+<\/html>\s*$/i);
        expect(html.headers["content-type"]).toMatch(/^text\/html/);
        expect(html.headers["content-security-policy"]).toContain("default-src 'none'");
        expect(html.headers["content-encoding"]).toBeUndefined();
        const json = await site.visit("/json?release=v1.0");
        expect(json.headers["content-type"]).toBe("application/problem+json");
        expect(JSON.parse((await ask("application/json, */*;q=0.1")).body)).toMatchObject({ status: 503 });
        expect((await ask("text/plain")).headers["content-type"]).toMatch(/^text\/plain/);
        const head = await ask("text/html", "HEAD");
        expect({ status: head.status, body: head.body }).toEqual({ status: 503, body: "" });
      });

      test("of the failed answer's headers, the page keeps what is not about it, and none that is", async () => {
        const { headers } = await site.visit("/telling?release=v1.0");
        expect(headers).toMatchObject({
          "x-maintenance": "1",
          "access-control-allow-origin": "https://shop.example",
          "strict-transport-security": "max-age=600",
          "x-request-id": "of-the-request",
        });
        expect(headers["vary"]).toMatch(/X-Shop.*Accept/);
        const policy = headers["content-security-policy"];
        expect(policy).toMatch(/default-src 'none'.*frame-ancestors https:\/\/partner\.example/);
        expect(policy).not.toContain("img-src 'self';");
        expect(headers["set-cookie"]).toEqual(recipe.keepsOneCookie === true ? cookies.slice(0, 1) : cookies);
        for (const name of [...ofTheError, "X-Of-The-App"])
          expect(headers).not.toHaveProperty(name.toLowerCase());
        expect(headers["x-tenant"]).toBe(recipe.keepsAdded === true ? "seven" : undefined);
      });

      test("a POST is executed once, and gets the page", async () => {
        const before = site.app.seen.length;
        expectPage(
          await site.visit("/status/500?release=v1.0", { method: "POST", body: "x".repeat(100_000) }),
        );
        expect(site.app.seen.slice(before)).toEqual(["POST /status/500"]);
      });

      test("an error that carries no release is the page", async () => {
        expectPage(await site.visit("/status/500"));
      });

      test.each(breakdowns)(
        `%s: ${masks.length === breakdowns.length ? "the page" : "as promised"}`,
        async (breakdown) => {
          const answer = await breakDown(site, breakdown);
          if (masks.includes(breakdown)) expectPage(answer);
          else expectRegular(answer);
        },
      );

      if (recipe.regular === "kept") {
        testKept(() => site, "v1.1");
      } else {
        test.each(statuses)("%i of the new release is a plain error", async (status) => {
          const { headers, ...answer } = await site.visit(`/status/${String(status)}?release=v1.1`);
          expect(answer.status).toBe(status);
          expect(headers["x-maintenance"]).toBe("regular");
        });
      }

      if (recipe.decides === "serve") {
        test("serve is told the path: an exempt one stays regular", async () => {
          expectRegular(await site.visit("/exempt/path?release=v1.0&query=yes"));
        });
      }

      test("what the app meant, and the page of an instance, stay what they are", async () => {
        const meant = await site.visit("/meant?release=v1.0");
        expect({ status: meant.status, after: meant.headers["retry-after"] }).toEqual({
          status: 503,
          after: "7",
        });
        const masked = await site.visit("/masked?release=v1.1");
        expect({ status: masked.status, after: masked.headers["retry-after"] }).toEqual({
          status: 503,
          after: "60",
        });
        if (recipe.regular === "kept") {
          expect(meant.body).toBe("Too much to do.");
          expect(masked.body).toBe("The page of an instance.");
        }
      });

      test("no header of a visitor changes what becomes of an error", async () => {
        const asOld = { ...forged, "X-Upstream-Release": "v1.0", "X-Release": "v1.0" };
        const asNew = { ...forged, "X-Upstream-Release": "v1.1", "X-Release": "v1.1" };
        expectRegular(await site.visit("/status/500?release=v1.1", { headers: asOld }));
        for (const release of ["?release=v1.0", ""]) {
          const answer = await site.visit(`/status/500${release}`, { headers: asNew });
          expectPage(answer);
          expect(JSON.stringify(answer.headers)).not.toContain("forged");
        }
        if (masks.includes("refused")) expectPage(await breakDown(site, "refused", asNew));
      });

      test("a WebSocket's handshake that fails is answered", async () => {
        expect(await handshake(site.place.port, "/no-socket")).toMatch(/^HTTP\/1\.1 5\d\d /);
      });
    });

    test("after a rollback the release before is regular again, and the other one is not", async () => {
      await site.operations.rollback("v1.0", { wait });
      expectRegular(await site.visit("/status/500?release=v1.0"));
      expectPage(await site.visit("/status/500?release=v1.1"));
    });

    test("in manual mode every error is the page, and none when it ends", async () => {
      await site.operations.switchOn({ mode: "errors", wait });
      for (const release of ["?release=v1.0", "?release=v1.1", ""]) {
        expectPage(await site.visit(`/status/500${release}`));
        expect((await site.visit(`/ok${release}`)).status).toBe(200);
      }
      await site.operations.switchOff({ wait });
      expectRegular(await site.visit("/status/500?release=v1.0"));
    });

    test("a release of any characters is told by its encoded name, and one that is sent twice counts once", async () => {
      await site.operations.createRelease("Größe 2, neu", { wait });
      const encoded = encodeURIComponent(encodeURIComponent("Größe 2, neu"));
      for (const twice of ["", "&twice"]) {
        expectRegular(await site.visit(`/status/500?release=${encoded}${twice}`));
        expectPage(await site.visit(`/status/500?release=v1.0${twice}`));
      }
    });

    test("without its store, goes on with what was known", async () => {
      await site.operations.rollback("v1.1", { wait });
      renameSync(site.storeFile, `${site.storeFile}.away`);
      writeFileSync(site.storeFile, "no database");
      expectPage(await site.visit("/status/500?release=v1.0"));
      expectRegular(await site.visit("/status/500?release=v1.1"));
      expect((await site.visit("/ok")).status).toBe(200);
    });

    describe.each([
      ["hangs", "SIGSTOP"],
      ["was killed", "SIGKILL"],
    ] as const)("when serve %s", (_, signal) => {
      beforeAll(async () => {
        if (signal === "SIGKILL") await site.serve.end(signal);
        else site.serve.signal(signal);
      });

      test("a success is a success", async () => {
        expect(await site.visit("/ok")).toMatchObject({ status: 200, body: "All is well." });
      });

      test(`an error of the app is answered in time: ${recipe.withoutServe.answered}`, async () => {
        const began = performance.now();
        const answer = await site.visit("/status/500?release=v1.0");
        expect(performance.now() - began).toBeLessThan(patience);
        if (recipe.withoutServe.answered === "page") expectStoredPage(answer);
        else expect(answer).toMatchObject({ status: 500, headers: { "x-of-the-app": "yes" } });
      });

      test(`a connection that is refused is answered in time: ${recipe.withoutServe.unreachable}`, async () => {
        const began = performance.now();
        const answer = await breakDown(site, "refused");
        expect(performance.now() - began).toBeLessThan(patience);
        if (recipe.withoutServe.unreachable === "page") expectStoredPage(answer);
        else expectRegular(answer);
      });
    });
  });
}
