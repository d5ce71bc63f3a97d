/*
 * The frameworks' apps come in three variants: `plain`; `page`, with Intermission; `handler`, with an error
 * handler that sends a prepared 503, and logs as the framework does for unhandled errors.
 *
 * A variant loads only what it uses.
 */
export const variant = process.env.VARIANT;

/** A framework's adapter, and an intermission that has read its store. */
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
