import { isVarnishAvailable, startVarnish } from "../servers/varnish.ts";
import { testProxy } from "./proxy-contract.ts";
import { readRecipe } from "./site.ts";

testProxy({
  name: "Varnish",
  available: isVarnishAvailable(),
  packageName: "varnish",
  start: (place) =>
    startVarnish({
      folder: place.folder,
      port: place.port,
      configuration: readRecipe("varnish/intermission.vcl", place),
    }),
  decides: "serve",
  regular: "kept",
  masks: ["refused", "killed", "silent"],
  withoutServe: { answered: "page", unreachable: "page" },
  wait: 1000,
});
