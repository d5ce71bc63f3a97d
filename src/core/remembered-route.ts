const routes = new WeakMap<object, string>();

/** Keeps the pattern of a request's route, for frameworks whose request does not have it. */
export function rememberRoute(request: object, pattern: unknown): void {
  if (typeof pattern === "string") routes.set(request, pattern);
}

export function rememberedRoute(request: unknown): string | undefined {
  return typeof request === "object" && request !== null ? routes.get(request) : undefined;
}
