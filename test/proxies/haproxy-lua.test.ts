import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { hasHaproxyLua, isHaproxyAvailable, startHaproxy } from "../servers/haproxy.ts";
import { testProxy } from "./proxy-contract.ts";
import { readRecipe, recipes } from "./site.ts";

testProxy({
  name: "HAProxy with Lua",
  available: isHaproxyAvailable() && hasHaproxyLua(),
  packageName: "haproxy lua-cjson",
  start: (place) => {
    copyFileSync(join(recipes, "haproxy/intermission.lua"), join(place.folder, "intermission.lua"));
    return startHaproxy({
      folder: place.folder,
      port: place.port,
      configuration: readRecipe("haproxy/lua.cfg", place),
    });
  },
  decides: "serve",
  regular: "kept",
  masks: ["refused", "killed", "silent"],
  withoutServe: { answered: "original", unreachable: "page" },
  keepsAdded: true,
  wait: 1500,
});
