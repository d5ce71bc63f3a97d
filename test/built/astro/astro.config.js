import node from "@astrojs/node";
import cache from "./cache.config.js";

export default {
  output: "server",
  adapter: node({ mode: "standalone" }),
  devToolbar: { enabled: false },
  ...cache,
};
