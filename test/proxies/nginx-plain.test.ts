import { isNginxAvailable, startNginx } from "../servers/nginx.ts";
import { testProxy } from "./proxy-contract.ts";
import { readRecipe } from "./site.ts";

testProxy({
  name: "nginx",
  available: isNginxAvailable(),
  packageName: "nginx",
  start: (place) =>
    startNginx({
      folder: place.folder,
      port: place.port,
      configuration: readRecipe("nginx/plain.conf", place),
    }),
  decides: "serve",
  regular: "generic",
  masks: ["refused", "killed", "silent"],
  withoutServe: { answered: "page", unreachable: "page" },
  keepsOneCookie: true,
  wait: 1000,
});
