import { describe, expect, test } from "vitest";
import { midDeploy, settled } from "../../../test/support/deploy-window.ts";
import { maintenancePage } from "./index.ts";

const secret = "column orders.note does not exist";
const document = (): Promise<Response> => Promise.resolve(new Response(secret, { status: 500 }));
const data = (): Promise<Response> =>
  Promise.resolve(
    new Response(secret, {
      status: 500,
      headers: { "x-remix-response": "yes", "content-type": "text/x-script" },
    }),
  );

describe("in a deploy window", () => {
  test("a document that failed becomes the page", async () => {
    const middleware = maintenancePage({ intermission: await midDeploy() });
    const request = new Request("http://shop.example/orders", { headers: { accept: "text/html" } });
    const response = await middleware({ request }, document);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain("</html>");
  });

  test.each([
    ["/orders", "/orders"],
    ["/orders.data?page=2", "/orders?page=2"],
    ["/_root.data", "/"],
    ["/_.data", "/"],
    ["/orders/_.data", "/orders/"],
    ["/orders_.data", "/orders_"],
    ["/orders/_", "/orders/_"],
    ["//evil.example/orders", "/evil.example/orders"],
  ])("a client's router that asks for %s is sent to the document", async (target, location) => {
    const middleware = maintenancePage({ intermission: await midDeploy() });
    const request = new Request(`http://shop.example${target}`);
    const { status, headers } = await middleware({ request }, data);
    expect(status).toBe(302);
    expect(headers.get("location")).toBe(location);
    expect(headers.get("x-remix-reload-document")).toBe("true");
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test.each([
    ["a fetcher", "http://shop.example/orders?_routes=routes%2Forders", "GET"],
    ["an action", "http://shop.example/orders", "POST"],
  ])("%s gets the page, as no stream of React Router", async (_, url, method) => {
    const middleware = maintenancePage({ intermission: await midDeploy() });
    const request = new Request(url, { method, headers: { "sec-fetch-dest": "empty" } });
    const { status, headers } = await middleware({ request }, data);
    expect(status).toBe(503);
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(headers.has("x-remix-response")).toBe(false);
  });

  test("a success is the same object", async () => {
    const middleware = maintenancePage({ intermission: await midDeploy() });
    const success = new Response("fine", { headers: { "x-remix-response": "yes" } });
    const request = new Request("http://shop.example/");
    expect(await middleware({ request }, () => Promise.resolve(success))).toBe(success);
  });
});

test("an error at any other time is the same object", async () => {
  const middleware = maintenancePage({ intermission: await settled() });
  const failed = await data();
  const request = new Request("http://shop.example/orders");
  expect(await middleware({ request }, () => Promise.resolve(failed))).toBe(failed);
});

test("options that can't be used throw at once", () => {
  expect(() => maintenancePage({ statusCode: 200 })).toThrow("statusCode");
});
