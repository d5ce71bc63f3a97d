import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readError, unreachable, type ProxyRequest } from "./reported-error.ts";

const read = (request: ProxyRequest) => readError(request, { releaseHeader: "x-upstream-release" });

describe("the status", () => {
  test.each([
    ["nginx, HAProxy, Apache, Varnish", "/error", { "x-original-status": "504" }, 504],
    ["nginx after two upstreams: the last one's", "/error", { "x-original-status": "502, 500" }, 500],
    ["nginx after a redirect inside", "/error", { "x-original-status": "500 : 503" }, 503],
    ["nginx without an upstream", "/error", { "x-original-status": "-" }, unreachable],
    ["ingress-nginx", "/", { "x-code": "503" }, 503],
    ["both: ours first", "/", { "x-original-status": "500", "x-code": "404" }, 500],
    ["an empty one counts as none", "/", { "x-original-status": "", "x-code": "503" }, 503],
    ["Traefik", "/error/500?u=http%3A%2F%2Fshop%2Fa", {}, 500],
    ["tarampampam/error-pages", "/502.html", {}, 502],
    ["a header before the path", "/error/500", { "x-original-status": "503" }, 503],
    ["no status at all: HAProxy's backup server", "/orders/7", {}, unreachable],
    ["what is no error", "/error", { "x-original-status": "200" }, unreachable],
    ["what is no status", "/error", { "x-original-status": "999999" }, unreachable],
  ] as const)("%s", (_, url, headers, status) => {
    expect(read({ url, headers }).status).toBe(status);
  });
});

describe("the path", () => {
  test.each([
    ["nginx", "/error", { "x-original-uri": "/orders/7?page=2" }, "/orders/7"],
    ["Traefik", "/error/500?u=https%3A%2F%2Fshop.example%2Forders%2F7%3Fa%3Db", {}, "/orders/7"],
    ["Traefik's {url}, unescaped", "/error/500?u=/orders/7", {}, "/orders/7"],
    ["a visitor's own path, with a u of its own", "/orders?u=/health", {}, "/orders"],
    ["the header before the query", "/error/500?u=/a", { "x-original-uri": "/b" }, "/b"],
  ] as const)("%s", (_, url, headers, path) => {
    expect(read({ url, headers }).path).toBe(path);
  });
});

describe("the release", () => {
  test.each([
    ["none", {}, null],
    ["an empty header, as nginx sends it for a variable that is not set", { "x-upstream-release": "" }, null],
    ["spaces around it", { "x-upstream-release": " v1.0 " }, "v1.0"],
    ["UTF-8, which Node hands over as Latin-1", { "x-upstream-release": "\xc3\xa4" }, "ä"],
    ["one that can't be a release", { "x-upstream-release": "v".repeat(128) }, null],
    ["a visitor's own words", { "x-release": "v1.0", release: "v1.0" }, null],
  ] as const)("%s", (_, headers, release) => {
    expect(read({ headers }).release).toBe(release);
  });
});

test("only /decide with a status asks: every other path is final", () => {
  const asked = (url: string, headers = {}) => read({ url, headers }).asked;
  expect(asked("/decide", { "x-original-status": "500" })).toBe(true);
  expect(asked("/decide?a", { "x-original-status": "500" })).toBe(true);
  expect(asked("/decide")).toBe(false);
  expect(asked("/error", { "x-original-status": "500" })).toBe(false);
  expect(asked("/decide/", { "x-original-status": "500" })).toBe(false);
});

test("the method, the format and the upstream are the proxy's before the request's", () => {
  const headers = {
    "x-original-method": "post",
    "x-format": "application/json",
    accept: "text/html",
    "x-upstream-addr": "10.0.0.1:80, 10.0.0.2:80",
  };
  expect(read({ method: "GET", headers })).toMatchObject({
    method: "POST",
    upstream: "10.0.0.2:80",
    pageRequest: { method: "POST", accept: "application/json" },
  });
  expect(read({ method: "PUT", headers: { "x-original-method": "<b>" } }).method).toBe("PUT");
});

const names = [
  ...["x-original-status", "x-code", "x-original-uri", "x-original-method", "x-format", "accept", "cookie"],
  ...["x-upstream-release", "x-upstream-addr", "x-original-retry-after", "x-namespaces", "sec-fetch-dest"],
];
const value = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.constantFrom("500", "502, 500", "v1.0", "-", ""),
);
const headers = fc.dictionary(fc.constantFrom(...names), value) as fc.Arbitrary<ProxyRequest["headers"]>;

test("whatever is sent, it is an error with a status from 400 to 599, a path and a usable release", () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: "binary" }), headers, (method, url, given) => {
      const error = read({ method, url, headers: given });
      expect(error.status).toBeGreaterThanOrEqual(400);
      expect(error.status).toBeLessThanOrEqual(599);
      expect(error.path).not.toContain("?");
      if (error.release !== null) expect(error.release.trim()).toBe(error.release);
    }),
  );
});

test("no header of a visitor changes what is judged, whatever it says", () => {
  const proxied = { "x-original-status": "500", "x-original-uri": "/a", "x-upstream-release": "v1.0" };
  const foreign = fc.constantFrom(
    ...["x-forwarded-for", "x-real-ip", "forwarded", "x-release", "x-maintenance", "authorization", "host"],
    ...[
      "x-code",
      "retry-after",
      "content-type",
      "x-intermission",
      "user-agent",
      "x-forwarded-host",
      "referer",
    ],
  );
  fc.assert(
    fc.property(fc.dictionary(foreign, fc.string()), (visitors) => {
      const judged = ({
        status,
        path,
        release,
        cookie,
        contentType,
        retryAfter,
      }: ReturnType<typeof read>) => ({
        ...{ status, path, release, cookie, contentType, retryAfter },
      });
      expect(judged(read({ url: "/decide", headers: { ...visitors, ...proxied } }))).toEqual(
        judged(read({ url: "/decide", headers: proxied })),
      );
    }),
  );
});
