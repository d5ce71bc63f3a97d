import { expect, test } from "vitest";
import { startBackendInDeploy } from "../../../test/support/error-backend.ts";
import { withKeptHeaders } from "./kept-headers.ts";

const page = {
  status: 503,
  headers: {
    "content-security-policy": "default-src 'none'; frame-ancestors 'self'",
    vary: "Accept",
    "cache-control": "no-store",
  },
  body: Buffer.from("The page."),
};

const headersOf = (raw: readonly string[], others: readonly string[] = []) =>
  withKeptHeaders(page, raw, new Set(others)).headers;

test("the page gets from the proxy what stays of a failed answer, and nothing else", () => {
  const raw = [
    ...["X-Original-Status", "500", "X-Original-URI", "/a", "X-Original-Content-Type", "text/html"],
    ...["X-Original-Access-Control-Allow-Origin", "https://shop.example", "x-original-x-request-id", "abc"],
    ...["X-Original-ETag", '"1"', "X-Original-X-Accel-Expires", "3600", "X-Original-Location", "/b"],
    ...["X-Original-Connection", "close", "X-Original-Server", "app", "X-Original-Cache-Control", "public"],
    ...["X-Original-Strict-Transport-Security", "", "X-Original-Referrer-Policy", "bad\u0001value"],
  ];
  expect(headersOf(raw)).toEqual({
    ...page.headers,
    "access-control-allow-origin": ["https://shop.example"],
    "x-request-id": ["abc"],
  });
});

test("what the option keepHeaders names is kept too", () => {
  expect(headersOf(["X-Original-X-Tenant", "seven"])).toBe(page.headers);
  expect(headersOf(["X-Original-X-Tenant", "seven"], ["x-tenant"])).toMatchObject({ "x-tenant": ["seven"] });
});

test.each([
  ["each in a header of its own", ["a=1; Path=/", "b=2, c=3"], ["a=1; Path=/", "b=2, c=3"]],
  [
    "joined by a proxy",
    ["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/, b=2,c=3"],
    ["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Path=/", "b=2", "c=3"],
  ],
])("cookies stay apart: %s", (_, sent, received) => {
  const raw = sent.flatMap((cookie) => ["X-Original-Set-Cookie", cookie]);
  expect(headersOf(raw)["set-cookie"]).toEqual(received);
});

test("who may frame the app may frame the page, and its Vary is added to the page's own", () => {
  const raw = [
    ...["X-Original-Content-Security-Policy", "script-src 'self'; frame-ancestors https://partner.example"],
    ...["X-Original-Vary", "Origin"],
  ];
  expect(headersOf(raw)).toMatchObject({
    "content-security-policy": "default-src 'none'; frame-ancestors https://partner.example",
    vary: "Origin, Accept",
  });
});

test("a flood of headers keeps a hundred, and a prepared page is not changed", () => {
  const raw = Array.from({ length: 500 }, (_, index) => [`X-Original-X-Trace-${String(index)}`, "1"]).flat();
  const names = Array.from({ length: 500 }, (_, index) => `x-trace-${String(index)}`);
  expect(Object.keys(headersOf(raw, names))).toHaveLength(103);
  expect(Object.keys(page.headers)).toHaveLength(3);
});

test.each(["/error/500?u=/a", "/", "/orders"])(
  "a proxy that passes on what the visitor sent adds nothing to the page: %s",
  async (path) => {
    const { ask } = await startBackendInDeploy();
    const { headers } = await ask(path, {
      ...{ "x-original-status": "500", "x-upstream-release": "v1.0", "x-original-set-cookie": "a=forged" },
    });
    expect([headers["x-maintenance"], headers["set-cookie"]]).toEqual(["1", undefined]);
  },
);

test("they arrive with the page over HTTP, also where the failed answer's headers are long", async () => {
  const { ask } = await startBackendInDeploy();
  const { status, headers } = await ask("/decide", {
    ...{ "x-original-status": "500", "x-upstream-release": "v1.0" },
    ...{ "x-original-link": "x".repeat(30_000), "x-original-set-cookie": "a=1, b=2" },
  });
  expect(status).toBe(503);
  expect(headers).toMatchObject({ "x-maintenance": "1", "set-cookie": ["a=1", "b=2"] });
});
