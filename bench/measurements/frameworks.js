import { compareFrameworks } from "../harness/framework-comparison.js";

export const name = "frameworks";
export const about = "A success and a masked error in other frameworks, with their adapters and without";

const frameworks = [
  { title: "Fastify 5", app: "fastify" },
  { title: "Koa 3", app: "koa" },
  { title: "Hono 4 on @hono/node-server", app: "hono" },
  { title: "h3 2", app: "h3" },
];

export const measure = (options) => compareFrameworks(frameworks, options);
