import { beforeAll, describe, expect, test } from "vitest";
import { startSite, type Site } from "./site.ts";
import { startStubProxy } from "./stub-proxy.ts";

/**
 * By https://kubernetes.github.io/ingress-nginx/user-guide/custom-errors/ and the controller's template: the
 * path is `/`, status and format come in headers that a visitor can't set, and the backend's own status is
 * kept.
 */
describe("ingress-nginx, by what custom-http-errors sends", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite((place) =>
      startStubProxy(place, {
        status: "backend",
        ask: ({ status }, { method = "GET", url = "/", headers }) => ({
          method,
          path: "/",
          headers: {
            ...headers,
            ...{ "x-code": String(status), "x-format": headers.accept ?? "", "x-original-uri": url },
            ...{ "x-namespace": "default", "x-ingress-name": "app", "x-service-name": "app" },
            ...{ "x-service-port": "80", "x-request-id": "0123456789abcdef" },
          },
        }),
      }),
    );
    return () => site.close();
  });

  test("before a deploy, an error is a plain one of the same status", async () => {
    const answer = await site.visit("/status/502?release=v1.0");
    expect(answer).toMatchObject({ status: 502, headers: { "x-maintenance": "regular" } });
  });

  test("in a deploy it is the page, in the format that was asked for", async () => {
    await site.operations.createRelease("v1.1", { wait: 1000 });
    const page = await site.visit("/status/500?release=v1.0", { headers: { Accept: "application/json" } });
    expect(page).toMatchObject({ status: 503, headers: { "x-maintenance": "1", "retry-after": "60" } });
    expect(JSON.parse(page.body)).toMatchObject({ status: 503 });
    const posted = await site.visit("/status/500", { method: "POST", body: "a" });
    expect(posted.headers["x-maintenance"]).toBe("1");
    expect(site.app.seen.filter((line) => line === "POST /status/500")).toHaveLength(1);
  });

  test("serve learns the path, and so what is exempt", async () => {
    expect((await site.visit("/exempt/path?a=b")).headers["x-maintenance"]).toBe("regular");
  });
});
