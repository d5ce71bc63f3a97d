import { sequence } from "astro:middleware";

/* The test gives each app of the contract its middleware and answers. */
export const onRequest = sequence(
  (context, next) => globalThis.contract.onRequest(context, next),
  async (_context, next) => {
    try {
      return await next();
    } catch (error) {
      globalThis.contract.onError(error);
      throw error;
    }
  },
);
