/*
 * The apps of the frameworks come in three variants: `plain`; `page`, with Intermission; `handler`, with an error handler
 * that sends a prepared 503, and logs as the framework does where nobody handles an error.
 *
 * What a variant doesn't use it doesn't load.
 */
export const variant = process.env.VARIANT;

/** The adapter of a framework, and an intermission that has read its store. */
export async function loadIntermission(framework) {
  const { createIntermission } = await import("intermission");
  const intermission = createIntermission();
  await intermission.ready();
  return { intermission, ...(await import(`intermission/${framework}`)) };
}

/** The prepared 503: `page` and `headers`. */
export const loadPrepared = () => import("./prepared.js");

/** What every app here does: the text of its answer, and the error of `/broken`. */
export const greeting = "Hello, world";
export function fail() {
  throw new Error("The column guests.name does not exist");
}
