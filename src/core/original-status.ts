/** Under this a response whose error was masked keeps the status that the app sent: `Symbol.for("intermission.originalStatus")`. */
const originalStatusKey = Symbol.for("intermission.originalStatus");

export function keepOriginalStatus(response: object, status: number): void {
  Reflect.set(response, originalStatusKey, status);
}

/** undefined: it is no response. */
export function readOriginalStatus(response: unknown): number | undefined {
  if (typeof response !== "object" || response === null) return undefined;
  const { status, statusCode } = response as { readonly status?: unknown; readonly statusCode?: unknown };
  const kept = (response as Readonly<Record<symbol, unknown>>)[originalStatusKey];
  return [kept, statusCode, status].find((one) => typeof one === "number");
}
