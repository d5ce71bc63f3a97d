import { eventHandler } from "h3";

/** Asks the app itself, and says what it was told. */
export default eventHandler(async (event) => {
  const { status, headers } = await event.fetch("/orders");
  return { status, hasPage: headers.has("retry-after") };
});
