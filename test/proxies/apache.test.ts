import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { isApacheAvailable, startApache } from "../servers/apache.ts";
import { testProxy } from "./proxy-contract.ts";
import { readRecipe } from "./site.ts";

testProxy({
  name: "Apache",
  available: isApacheAvailable(),
  packageName: "apache2 lua-socket",
  start: (place) => {
    writeFileSync(join(place.folder, "intermission.lua"), readRecipe("apache/intermission.lua", place));
    return startApache({
      folder: place.folder,
      port: place.port,
      configuration: readRecipe("apache/intermission.conf", place),
      modules: ["env", "filter", "headers", "lua", "proxy", "proxy_http"],
    });
  },
  decides: "serve",
  regular: "kept",
  masks: ["refused", "killed", "silent"],
  withoutServe: { answered: "original", unreachable: "original" },
  keepsAdded: true,
  wait: 1000,
});
