import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { isNginxAvailable, startNginx } from "../servers/nginx.ts";
import { testProxy } from "./proxy-contract.ts";
import { readRecipe, recipes } from "./site.ts";

const modules = ["ndk_http_module.so", "ngx_http_lua_module.so"];

testProxy({
  name: "nginx with Lua",
  available: isNginxAvailable(...modules),
  packageName: "libnginx-mod-http-lua lua-cjson",
  start: (place) => {
    copyFileSync(join(recipes, "nginx/intermission.lua"), join(place.folder, "intermission.lua"));
    return startNginx({
      folder: place.folder,
      port: place.port,
      configuration: readRecipe("nginx/lua.conf", place),
      modules,
    });
  },
  decides: "proxy",
  regular: "kept",
  masks: ["refused", "killed", "silent"],
  withoutServe: { answered: "page", unreachable: "page" },
  keepsAdded: true,
  wait: 1500,
});
