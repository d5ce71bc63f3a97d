import { compareFrameworks } from "../harness/framework-comparison.js";

export const name = "nest";
export const about = "The same in NestJS, on both its platforms";

const platforms = [
  { title: "Nest 11 on Express", app: "nest", platform: "express" },
  { title: "Nest 11 on Fastify", app: "nest", platform: "fastify" },
];

export const measure = (options) => compareFrameworks(platforms, options);
