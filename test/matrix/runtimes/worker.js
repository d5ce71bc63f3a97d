/* Everything is created when the module is loaded, where Workers allow no timer and no request. */
import { env } from "cloudflare:workers";
import { createApp } from "./app.js";

const handler = createApp(env.APP, env.STORE);

export default {
  fetch: (request, _env, context) => handler(request, context),
};
