import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { adaptCaddyfile, isCaddyAvailable, startCaddy } from "../servers/caddy.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { isInstalled } from "../servers/proxy-process.ts";
import { testProxy } from "./proxy-contract.ts";
import { readRecipe, recipes } from "./site.ts";

const folder = join(recipes, "caddy");
const available = isCaddyAvailable();

describeWithServer(
  "caddy.json",
  { available: available && isInstalled("jq", "--version"), packageName: "caddy jq" },
  () => {
    test("is what the Caddyfile and the filter make", () => {
      const input = adaptCaddyfile(join(folder, "Caddyfile"));
      const made = execFileSync("jq", ["-f", join(folder, "intermission.jq")], { input, encoding: "utf8" });
      expect(JSON.parse(made)).toEqual(JSON.parse(readFileSync(join(folder, "caddy.json"), "utf8")));
    });
  },
);

testProxy({
  name: "Caddy",
  available,
  packageName: "caddy",
  start: (place) =>
    startCaddy({
      folder: place.folder,
      port: place.port,
      configuration: readRecipe("caddy/caddy.json", place),
    }),
  decides: "serve",
  regular: "kept",
  masks: ["refused", "killed", "silent"],
  withoutServe: { answered: "original", unreachable: "original" },
  wait: 1000,
});
