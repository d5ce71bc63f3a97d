import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { visit } from "../support/http.ts";
import { closeSite, expectDeploy } from "./deploy.ts";
import { majorsOnNodes, type Major } from "./majors.ts";
import { serveBuilt, ways, type ServedApp } from "./nitro-app.ts";

/** A route that requests another of the app, and returns the result. */
function asking(imports: string, ask: string): string {
  return `
    import { eventHandler } from "h3";
    ${imports}

    export default eventHandler(async (event) => {
      const { status, headers } = await ${ask};
      return { status, hasPage: headers.has("retry-after") };
    });
  `;
}

interface Version extends Major {
  readonly title: string;
  readonly program: string;
  /** The name of the setting for the folder. */
  readonly folder: string;
  readonly route: string;
}

const versions: readonly Version[] = [
  {
    title: "Nitro 3",
    major: 3,
    packages: { nitro: "3.0.0" },
    program: "nitro",
    folder: "srcDir",
    route: asking('import { useNitroApp } from "nitro/runtime";', 'useNitroApp().fetch("/orders")'),
    from: [20, 19],
  },
  // Newer than 3.0.0, though npm's `latest` is not. It bundles what it needs, including us.
  {
    title: "Nitro 3.0.260903-beta",
    major: 3,
    packages: { nitro: "3.0.260903-beta", rollup: "4.68.7" },
    program: "nitro",
    folder: "serverDir",
    route: asking('import { serverFetch } from "nitro/app";', 'serverFetch("/orders")'),
    from: [20, 19],
  },
  {
    title: "Nitro 2",
    major: 2,
    packages: { nitropack: "2.13.6" },
    program: "nitropack",
    folder: "srcDir",
    route: asking("", 'event.fetch("/orders")'),
    from: [20, 0],
  },
];

const subjects = majorsOnNodes(versions).map(
  (subject) => [subject.title, subject.node.major, subject] as const,
);
describe.each(subjects)("%s on Node %i", (_title, _node, subject) => {
  const { packages, program, folder, route, node } = subject;
  describe.each(ways)("$how", (way) => {
    let served: ServedApp;
    beforeAll(async () => {
      const config = { [folder]: "server", compatibilityDate: "2025-01-01" };
      const files = {
        "nitro.config.js": `export default ${JSON.stringify(config)};\n`,
        "server/routes/asking.js": route,
      };
      served = await serveBuilt({ name: "nitro", packages, files, build: [program, "build"], node }, way);
    });
    afterAll(() => served.end());

    test("it goes through a deploy", async () => {
      await expectDeploy(served.app.url, served.deploy, {
        successes: ["/"],
        errors: ["/orders", "/sent"],
        refusals: ["/missing"],
      });
    });

    test("what the app asks itself fails as ever", async () => {
      await served.deploy.intermission.createRelease("v1.2");
      const { status, body } = await visit(`${served.app.url}/asking`);
      expect({ status, told: JSON.parse(body) as unknown }).toEqual({
        status: 200,
        told: { status: 500, hasPage: false },
      });
    });

    test("a closed site answers everything", async () => {
      await closeSite(served.app.url, served.deploy);
      for (const path of ["/", "/orders", "/missing"])
        expect((await visit(served.app.url + path)).status).toBe(503);
    });
  });
});
