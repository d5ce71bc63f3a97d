import type { Intermission } from "../../core/intermission.ts";
import { judgeCall, type Call, type PageError } from "./judge.ts";

/** The parts of a GraphQL result's error used here. */
export interface ResultError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** A result's errors, some of them replaced. */
export interface JudgedErrors {
  readonly errors: readonly ResultError[];
  /** For a response that contains nothing else. */
  readonly page: PageError;
}

/**
 * A result's errors, with the page in place of unexpected ones. undefined: none was replaced. Never rejects.
 *
 * @param originals The errors before they were masked for display, if the framework tells.
 */
export async function judgeErrors(
  call: Call,
  errors: readonly ResultError[],
  intermission: Intermission,
  originals: readonly unknown[] = [],
): Promise<JudgedErrors | undefined> {
  // In parallel: if they wait at all, it is for the same read of the store.
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
 * Whether it is a failure and not an answer: what was thrown is not a `GraphQLError` and has no code of its
 * own. Yoga marks such errors, which it hides, as `unexpected`.
 */
function isUnexpected({ extensions }: ResultError, thrown: unknown): boolean {
  const code = extensions?.["code"];
  if (code !== undefined && code !== "INTERNAL_SERVER_ERROR") return false;
  return extensions?.["unexpected"] === true || (thrown instanceof Error && !isGraphQLError(thrown));
}

const mostWrapped = 16;

/** What a resolver threw. GraphQL wraps it to say where. */
function thrownIn(error: unknown): unknown {
  let thrown = error;
  for (let wrapped = 0; wrapped < mostWrapped && isGraphQLError(thrown); wrapped += 1) {
    const inner = (thrown as { readonly originalError?: unknown }).originalError;
    if (inner === undefined || inner === null) break;
    thrown = inner;
  }
  return thrown;
}

/** From any copy of the package `graphql`, and any derived class, which may have another name. */
function isGraphQLError(value: unknown): boolean {
  return (
    Object.prototype.toString.call(value) === "[object GraphQLError]" ||
    (value instanceof Error && value.name === "GraphQLError")
  );
}
