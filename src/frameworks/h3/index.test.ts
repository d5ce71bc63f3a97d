import { createServer } from "node:http";
import { H3, HTTPError, toNodeHandler } from "h3";
import { expect, test, vi } from "vitest";
import { midDeploy, settled } from "../../../test/support/deploy-window.ts";
import { createContractApp } from "../../../test/support/h3.ts";
import { listen } from "../../../test/support/http.ts";
import { frameworkContract, type FrameworkContractSubject } from "../../testing/index.ts";
import { maintenancePage } from "./index.ts";

const subject: FrameworkContractSubject = {
  start(setup) {
    const app = createContractApp(setup, (begun) => {
      if (setup.options !== undefined) begun.register(maintenancePage(setup.options));
    });
    return listen(createServer(toNodeHandler(app)));
  },
  skip: (request) => (request as Request).headers.has("x-skip"),
  address: "connection",
  knowsErrors: true,
  closes: false,
};
for (const { name, run } of frameworkContract(subject)) test(name, run);

test("what nobody handles is logged by h3 as ever, once", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const app = new H3().register(maintenancePage({ intermission: await midDeploy() }));
  app.get("/", () => {
    throw new Error("no such column");
  });
  expect((await app.fetch(new Request("http://localhost/"))).status).toBe(503);
  expect(log).toHaveBeenCalledTimes(1);
  log.mockRestore();
});

test("an error is h3's own answer at any other time", async () => {
  const app = new H3({ silent: true }).register(maintenancePage({ intermission: await settled() }));
  app.get("/", () => {
    throw new HTTPError({ status: 502, message: "no upstream" });
  });
  const response = await app.fetch(new Request("http://localhost/"));
  expect(response.status).toBe(502);
  expect(await response.json()).toMatchObject({ message: "no upstream" });
});
