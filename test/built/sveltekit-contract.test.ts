import { cp } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, test } from "vitest";
import { maintenancePage, rememberErrors } from "../../src/frameworks/sveltekit/index.ts";
import { frameworkContract, type FrameworkContractSubject } from "../../src/testing/index.ts";
import { listen } from "../support/http.ts";
import { buildApp, type BuiltApp } from "./built-app.ts";
import { createAnswer } from "./contract-answer.ts";
import { majorsOn } from "./majors.ts";
import { thisNode } from "./nodes.ts";
import { build, majors } from "./sveltekit-app.ts";

type Handle = ReturnType<typeof maintenancePage>;
type Caught = Parameters<ReturnType<typeof rememberErrors>>[0];

describe.each(majorsOn(thisNode, majors))("SvelteKit $major in this process", ({ packages }) => {
  let built: BuiltApp;
  beforeAll(async () => {
    built = await buildApp({ name: "sveltekit-contract", packages, build, node: thisNode });
  });
  afterAll(() => built.remove());

  /** The built app reads its environment when loaded, so the one that trusts a proxy is a copy. */
  async function load(trustProxy: boolean): Promise<RequestListener> {
    const folder = join(built.folder, trustProxy ? "trusting" : "build");
    if (trustProxy) {
      await cp(join(built.folder, "build"), folder, { recursive: true });
      process.env["ADDRESS_HEADER"] = "x-forwarded-for";
    }
    try {
      const file = pathToFileURL(join(folder, "handler.js")).href;
      return ((await import(file)) as { readonly handler: RequestListener }).handler;
    } finally {
      delete process.env["ADDRESS_HEADER"];
    }
  }

  const subject: FrameworkContractSubject = {
    async start(setup) {
      const bare: Handle = async ({ event, resolve }) => resolve(event);
      Object.assign(globalThis, {
        contract: {
          handle: setup.options === undefined ? bare : maintenancePage(setup.options),
          handleError: rememberErrors(({ error, status, kind }: Caught) => {
            if (status === 500 || kind === "unknown") setup.onError(error);
            return { message: "Oh no" };
          }),
          answer: createAnswer(setup),
        },
      });
      return listen(await load(setup.trustProxy));
    },
    skip: (event) => (event as { readonly request: Request }).request.headers.has("x-skip"),
    address: "proxy",
    knowsErrors: true,
    closes: false,
  };
  for (const { name, run } of frameworkContract(subject)) test(name, run);
});
