import { remember } from "../core/bounded-map.ts";
import { rememberedRoute } from "../core/remembered-route.ts";

/** Most characters of a route. */
const maximumLength = 100;

/**
 * The requested route: its pattern, if the framework tells, else the first segment of the path. The others
 * may be names of people, or tokens, and can't be told from words.
 *
 * @param path Without its query.
 * @param request The framework's own.
 */
export function routeOf(path: string, request: unknown): string {
  const pattern = patternOf(request);
  if (pattern === undefined) return firstOf(path);
  return `${mountOf(path, pattern, request)}${pattern}`.slice(0, maximumLength);
}

/** Cached, because a storm of errors comes from few paths and is no time for regular expressions. */
const firstOf = remember((path) => toPath(segmentsOf(path).slice(0, 1)), {
  maximum: 100,
  longest: maximumLength,
});

function segmentsOf(path: string): readonly string[] {
  return path.split("/").filter((segment) => segment !== "");
}

/** Where frameworks keep the pattern that a developer wrote. For lists and regular expressions: nowhere. */
function patternOf(request: unknown): string | undefined {
  const candidates = [
    () => rememberedRoute(request),
    // Express, hapi, Restify, NestJS on Express.
    () => at(request, "route", "path"),
    // Fastify; before 4.10 the other.
    () => at(request, "routeOptions", "url"),
    () => at(request, "routerPath"),
    // @koa/router.
    () => at(request, "_matchedRoute"),
    () => lastOfHono(at(request, "req", "matchedRoutes")),
    // AdonisJS.
    () => at(request, "ctx", "route", "pattern"),
  ];
  for (const find of candidates) {
    const found = find();
    if (typeof found === "string" && found.startsWith("/")) return found;
  }
  return undefined;
}

/** Middleware matches too; a handler comes last. */
function lastOfHono(matched: unknown): unknown {
  if (!Array.isArray(matched)) return undefined;
  const path = at(matched.at(-1), "path");
  return typeof path === "string" && path.endsWith("*") ? undefined : path;
}

/** Where Express has mounted the route's router; other patterns are whole. */
function mountOf(path: string, pattern: string, request: unknown): string {
  if (at(request, "route", "path") !== pattern) return "";
  const baseUrl = at(request, "baseUrl");
  if (typeof baseUrl === "string" && baseUrl !== "") return toPath(segmentsOf(baseUrl));
  // Once an error leaves its router, `baseUrl` is gone. Whatever precedes the pattern is the mount path.
  if (/[*?+(){}]/.test(pattern)) return "";
  const segments = segmentsOf(path);
  const before = segments.slice(0, Math.max(0, segments.length - segmentsOf(pattern).length));
  return before.length === 0 ? "" : toPath(before);
}

function toPath(segments: readonly string[]): string {
  return `/${segments.map((segment, index) => (isPublic(segment, index) ? segment : ":id")).join("/")}`;
}

function isPublic(segment: string, index: number): boolean {
  return index === 0 ? isWord(segment) : /^(?:api|v\d{1,3})$/.test(segment);
}

/** A word that a developer chose, not a number, a token or an address. */
function isWord(segment: string): boolean {
  if (!/^[A-Za-z._~-][A-Za-z0-9._~-]{0,39}$/.test(segment)) return false;
  const digits = segment.replace(/\D/g, "").length;
  if (digits > 0 && (digits > 3 || segment.length > 16 || /^[0-9a-f-]{8,}$/i.test(segment))) return false;
  // Letters at random have long runs without a vowel or a separator, or capitals all over.
  if (/[b-df-hj-np-tv-xz]{6}|[a-z]{21}/i.test(segment)) return false;
  return (segment.match(/[a-z][A-Z]/g) ?? []).length <= 3;
}

function at(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (inner, name) =>
      typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[name] : undefined,
    value,
  );
}
