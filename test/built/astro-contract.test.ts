import type { RequestListener } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, test } from "vitest";
import { maintenancePage } from "../../src/frameworks/astro/index.ts";
import { frameworkContract, type FrameworkContractSubject } from "../../src/testing/index.ts";
import { listen } from "../support/http.ts";
import { build, majors } from "./astro-app.ts";
import { buildApp, type BuiltApp } from "./built-app.ts";
import { createAnswer } from "./contract-answer.ts";
import { majorsOn } from "./majors.ts";
import { thisNode } from "./nodes.ts";

type OnRequest = ReturnType<typeof maintenancePage>;

describe.each(majorsOn(thisNode, majors))("Astro $major in this process", ({ packages }) => {
  let built: BuiltApp;
  let handler: RequestListener;
  beforeAll(async () => {
    built = await buildApp({ name: "astro-contract", packages, build, node: thisNode });
    const file = pathToFileURL(join(built.folder, "dist/server/entry.mjs")).href;
    ({ handler } = (await import(file)) as { readonly handler: RequestListener });
  });
  afterAll(() => built.remove());

  const subject: FrameworkContractSubject = {
    async start(setup) {
      const watched: OnRequest =
        setup.options === undefined ? (_, next) => next() : maintenancePage(setup.options);
      Object.assign(globalThis, {
        contract: { onRequest: watched, onError: setup.onError, answer: createAnswer(setup) },
      });
      return listen(handler);
    },
    skip: (context) => (context as { readonly request: Request }).request.headers.has("x-skip"),
    address: "connection",
    knowsErrors: true,
    closes: false,
  };
  for (const { name, run } of frameworkContract(subject)) test(name, run);
});
