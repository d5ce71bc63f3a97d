import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../docs/blocks.ts";
import { buildApp } from "./built-app.ts";
import { beginDeploy, expectDeploy } from "./deploy.ts";
import { nodesFrom } from "./nodes.ts";

const example = readFileSync(join(root, "src/frameworks/h3-v1/example.ts"), "utf8");

describe.each(nodesFrom(20))("h3 1 on Node $major", (node) => {
  test("its example goes through a deploy", async () => {
    // It contains no types.
    const program = example.replace(".listen(3000)", ".listen(process.env.PORT)");
    expect(program).not.toBe(example);
    const packages = { h3: "1.15.11", libsql: "0.5.29" };
    const built = await buildApp({ name: "h3-v1", packages, files: { "server.js": program }, node });
    const deploy = await beginDeploy();
    try {
      const app = await built.start({ command: ["server.js"], environment: deploy.environment });
      try {
        await expectDeploy(app.url, deploy, {
          successes: ["/"],
          errors: ["/orders"],
          refusals: ["/missing"],
        });
      } finally {
        await app.stop();
      }
    } finally {
      await deploy.end();
      await built.remove();
    }
  });
});
