/* A Worker has its settings with the first request, so the app is made then. */
import { createApp } from "./app.js";

let app;

export default {
  fetch(request, env, context) {
    app ??= createApp(env.APP, env.STORE);
    return app(request, env, context);
  },
};
