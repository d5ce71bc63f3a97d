import { addFastifyHooks, type FastifyInstance } from "../../http/fastify-hooks.ts";
import { intermissionFrom, isShared, type AdapterOptions } from "../../intermission.ts";

/**
 * Plugin for Fastify 4 and 5. Register it first: it sees every reply of the instance that it is registered in, and of
 * the plugins in there, error handlers included. It makes no scope of its own, and needs no `fastify-plugin`. While the
 * site is closed, no handler is called. An intermission that it made itself is closed with the app.
 *
 * @throws IntermissionError when an option or environment variable can't be used.
 * @example
 * ```ts
 * const app = fastify();
 * await app.register(maintenancePage);
 * ```
 */
export async function maintenancePage(app: FastifyInstance, options?: AdapterOptions): Promise<void> {
  const intermission = intermissionFrom(options);
  addFastifyHooks(app, intermission);
  if (!isShared(options)) app.addHook("onClose", () => intermission.close());
}

// What `fastify-plugin` does: the hooks are those of the instance, not of a scope within it.
Object.assign(maintenancePage, {
  [Symbol.for("skip-override")]: true,
  [Symbol.for("fastify.display-name")]: "intermission",
  [Symbol.for("plugin-meta")]: { name: "intermission", fastify: ">=4" },
});
