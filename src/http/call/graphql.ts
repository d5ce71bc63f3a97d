import type { Intermission } from "../../core/intermission.ts";
import { judgeCall, type Call, type PageError } from "./judge.ts";

/** What is used of an error in a result of GraphQL. */
export interface ResultError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** Errors of a result, some of them replaced. */
export interface JudgedErrors {
  readonly errors: readonly ResultError[];
  /** For the response, where nothing else is in it. */
  readonly page: PageError;
}

/**
 * The errors of a result, with the page in the place of those that nobody meant; undefined: none is replaced. Never
 * rejects.
 *
 * @param originals What the errors were before they were made ready to be shown, where the framework tells.
 */
export async function judgeErrors(
  call: Call,
  errors: readonly ResultError[],
  intermission: Intermission,
  originals: readonly unknown[] = [],
): Promise<JudgedErrors | undefined> {
  // At the same time: all wait for the same read of the store, if for any.
  const pages = await Promise.all(
    errors.map(async (error, index) => {
      const thrown = thrownIn(originals[index] ?? error);
      return isUnexpected(error, thrown) ? judgeCall(call, thrown, intermission) : undefined;
    }),
  );
  const page = pages.find((found) => found !== undefined);
  if (page === undefined) return undefined;
  return { page, errors: errors.map((error, index) => replaced(error, pages[index])) };
}

export function toResultError({ message, extensions }: PageError): ResultError {
  return { message, extensions };
}

function replaced(error: ResultError, page: PageError | undefined): ResultError {
  if (page === undefined) return error;
  const { path, locations } = error;
  return {
    ...toResultError(page),
    ...(locations === undefined ? {} : { locations }),
    ...(path === undefined ? {} : { path }),
  };
}

/**
 * Whether it is a failure, not an answer: what was thrown was no `GraphQLError`, and has no code of its own. Yoga marks
 * what it has hidden, for the same reason, as `unexpected`.
 */
function isUnexpected({ extensions }: ResultError, thrown: unknown): boolean {
  const code = extensions?.["code"];
  if (code !== undefined && code !== "INTERNAL_SERVER_ERROR") return false;
  return extensions?.["unexpected"] === true || (thrown instanceof Error && !isGraphQLError(thrown));
}

const mostWrapped = 16;

/** What a resolver threw. GraphQL wraps it, to say where that was. */
function thrownIn(error: unknown): unknown {
  let thrown = error;
  for (let wrapped = 0; wrapped < mostWrapped && isGraphQLError(thrown); wrapped += 1) {
    const inner = (thrown as { readonly originalError?: unknown }).originalError;
    if (inner === undefined || inner === null) break;
    thrown = inner;
  }
  return thrown;
}

/** Of any copy of the package `graphql`, and of a class derived from it, which may have a name of its own. */
function isGraphQLError(value: unknown): boolean {
  return (
    Object.prototype.toString.call(value) === "[object GraphQLError]" ||
    (value instanceof Error && value.name === "GraphQLError")
  );
}
