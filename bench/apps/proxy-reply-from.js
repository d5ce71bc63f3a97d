import replyFrom from "@fastify/reply-from";
import createApp from "fastify";
import { listen } from "./listen.js";

const app = createApp();
await app.register(replyFrom, { base: process.env.UPSTREAM });
app.all("/*", (request, reply) => reply.from(request.url));
await app.ready();
await listen(app.server);
