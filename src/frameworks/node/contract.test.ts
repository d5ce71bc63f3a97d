import type { IncomingMessage } from "node:http";
import { test } from "vitest";
import { createListener } from "../../../test/support/contract-listener.ts";
import { listen } from "../../../test/support/http.ts";
import { frameworkContract, type FrameworkContractSubject } from "../../testing/index.ts";
import { maintenancePage } from "./index.ts";

const subject: FrameworkContractSubject = {
  start(setup) {
    const listener = createListener(setup);
    return listen(
      setup.options === undefined
        ? (request, response) => void listener(request, response)
        : maintenancePage(listener, setup.options),
    );
  },
  skip: (request) => "x-skip" in (request as IncomingMessage).headers,
  address: "connection",
  knowsErrors: false,
  closes: false,
};

for (const { name, run } of frameworkContract(subject)) test(name, run);
