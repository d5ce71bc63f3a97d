import { remember } from "../core/bounded-map.ts";

/** Most characters of a route. */
const maximumLength = 100;

/** How many segments of a path stand for an unknown route. */
const maximumSegments = 2;

/**
 * The requested route: its pattern, if the framework tells (Express), else the start of the path. Whatever
 * looks like an id or a name becomes `:id`.
 *
 * @param path Without its query.
 * @param request The framework's own.
 */
export function routeOf(path: string, request: unknown): string {
  const pattern = expressPattern(request);
  if (pattern === undefined) return guess(path);
  return `${prefixOf(segmentsOf(path), pattern, request)}${pattern}`.slice(0, maximumLength);
}

/** Cached, because a storm of errors comes from few paths and is no time for regular expressions. */
const guess = remember((path) => toPath(segmentsOf(path).slice(0, maximumSegments)).slice(0, maximumLength), {
  maximum: 100,
  longest: maximumLength,
});

function segmentsOf(path: string): readonly string[] {
  return path.split("/").filter((segment) => segment !== "");
}

/**
 * Express's `request.route.path`. For a list or a regular expression, nobody could say which part matched.
 */
function expressPattern(request: unknown): string | undefined {
  const route = propertyOf(request, "route");
  const path = propertyOf(route, "path");
  return typeof path === "string" && path.startsWith("/") ? path : undefined;
}

/** Where the route's router is mounted. */
function prefixOf(segments: readonly string[], pattern: string, request: unknown): string {
  const baseUrl = propertyOf(request, "baseUrl");
  if (typeof baseUrl === "string" && baseUrl !== "") return toPath(segmentsOf(baseUrl));
  // Once an error leaves its router, `baseUrl` is gone. Whatever precedes the pattern is the mount path.
  if (/[*?+(){}]/.test(pattern)) return "";
  const own = segmentsOf(pattern).length;
  const before = segments.slice(0, Math.max(0, segments.length - own));
  return before.length === 0 ? "" : toPath(before);
}

function toPath(segments: readonly string[]): string {
  return `/${segments.map((segment) => (isWord(segment) ? segment : ":id")).join("/")}`;
}

/** A word that a developer chose, not a number, a token, an address or a name from data. */
function isWord(segment: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_.~-]{0,39}$|^[._~-][A-Za-z0-9_.~-]{0,39}$/.test(segment)) return false;
  const digits = segment.replace(/\D/g, "").length;
  if (digits === 0) return true;
  return digits <= 3 && segment.length <= 16 && !/^[0-9a-f-]{8,}$/i.test(segment);
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
