import type { MaskedError } from "../core/settings/options.ts";
import { routeOf } from "./route.ts";

/** What tells kinds of masked errors apart. Contains no message, query or other words of a visitor. */
export interface Kind {
  readonly release: string | null;
  readonly status: number | null;
  readonly route: string | null;
  readonly error: string | null;
  readonly code: string | null;
}

/** How deeply an error may be wrapped. */
const maximumDepth = 4;

/** Where wrappers keep a driver's error: the standard, Sequelize, TypeORM. */
const wrappings = ["cause", "parent", "original", "driverError"] as const;

/**
 * Never throws, whatever the error and the request are.
 *
 * @param withRoute False: the route is null.
 */
export function kindOf(
  { currentRelease, status, path, error, request }: MaskedError,
  withRoute = true,
): Kind {
  return {
    release: currentRelease ?? null,
    status,
    route: withRoute ? orNull(() => routeOf(path, request)) : null,
    error: orNull(() => nameOf(error)),
    code: orNull(() => codeOf(error, maximumDepth)),
  };
}

/** Getters of foreign objects may throw. */
function orNull<Value>(find: () => Value | null): Value | null {
  try {
    return find();
  } catch {
    return null;
  }
}

function nameOf(error: unknown): string | null {
  return isObject(error) ? toWord(error["name"], 64) : null;
}

function codeOf(error: unknown, depth: number): string | null {
  if (depth === 0 || !isObject(error)) return null;
  const code = toWord(error["code"], 32) ?? toWord(error["sqlState"], 32);
  if (code !== null) return code;
  for (const name of wrappings) {
    const inner = codeOf(error[name], depth - 1);
    if (inner !== null) return inner;
  }
  return null;
}

function toWord(value: unknown, maximumLength: number): string | null {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && text.length <= maximumLength && /^[A-Za-z0-9_.-]+$/.test(text)
    ? text
    : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
