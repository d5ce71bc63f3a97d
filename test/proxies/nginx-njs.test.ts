import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe } from "vitest";
import { doesNginxTake, startNginx } from "../servers/nginx.ts";
import { testProxy, type Recipe } from "./proxy-contract.ts";
import { readRecipe } from "./site.ts";

const modules = ["ngx_http_js_module.so"];

const recipe: Recipe = {
  name: "nginx with njs",
  available: true,
  packageName: "libnginx-mod-http-js",
  start: (place) => {
    writeFileSync(join(place.folder, "intermission.js"), readRecipe("nginx/intermission.js", place));
    return startNginx({
      folder: place.folder,
      port: place.port,
      configuration: readRecipe("nginx/njs.conf", place),
      modules,
    });
  },
  decides: "proxy",
  regular: "kept",
  masks: ["refused", "killed", "silent"],
  withoutServe: { answered: "page", unreachable: "page" },
  keepsAdded: true,
  wait: 1500,
};

// Before 0.8.1 it can't look at the state by itself, and before 0.8.0 it can't change a status. Debian 12 has
// 0.7.9, so an old version is acceptable, even in CI.
if (doesNginxTake("events {} http { js_shared_dict_zone zone=any:1m; }", ...modules)) testProxy(recipe);
else describe.skip("nginx with njs (not installed: njs 0.8.1 or newer)", () => {});
