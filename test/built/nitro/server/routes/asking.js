import { eventHandler } from "h3";

/** Asks the app itself, and says what it was told. */
export default eventHandler(async () => {
  const { status, headers } = await $fetch.raw("/orders", { ignoreResponseError: true });
  return { status, hasPage: headers.has("retry-after") };
});
