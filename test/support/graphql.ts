import { GraphQLError } from "graphql";
import { afterEach, expect, test } from "vitest";
import type { Intermission, MaskedError, Store } from "../../src/index.ts";
import { closedSite, cookieOf } from "./closed-site.ts";
import { midDeploy, settled } from "./deploy-window.ts";
import { visit, type RunningServer } from "./http.ts";

export const failure = new Error("column orders.note does not exist");

export const typeDefs = `
  type Query { greet: String! orders: String! notes: String missing: String! mine: String! gone: String! }
  type Mutation { order: String! }
`;

type CreateError = (message: string, options: { readonly extensions: Record<string, unknown> }) => Error;

/**
 * @param executed Records which resolvers ran.
 * @param createError Makes an intended error. Some servers recognize only those of their own copy of
 * `graphql`.
 */
export function createResolvers(
  executed: string[] = [],
  createError: CreateError = (message, options) => new GraphQLError(message, options),
) {
  const fail = (name: string) => (): never => {
    executed.push(name);
    throw failure;
  };
  return {
    Query: {
      greet: () => {
        executed.push("greet");
        return "Hello";
      },
      orders: fail("orders"),
      notes: fail("notes"),
      // The new schema has no value for it.
      missing: () => null,
      mine: () => {
        throw createError("Not yours", { extensions: { code: "FORBIDDEN" } });
      },
      gone: () => {
        throw createError("Gone", { extensions: { code: "GONE", http: { status: 410 } } });
      },
    },
    Mutation: { order: fail("order") },
  };
}

/** A store that tells when an intermission starts watching it, and when that ends. */
export function watchedStore(): { readonly store: Store; readonly begun: Promise<void>; ended: boolean } {
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const watched = {
    store: {
      read: () => Promise.resolve({ version: 0 }),
      write: () => Promise.resolve(true),
      async watch() {
        begin();
        return async () => {
          watched.ended = true;
        };
      },
      close: () => Promise.resolve(),
    },
    begun,
    ended: false,
  };
  return watched;
}

export interface GraphQLApp {
  readonly server: RunningServer;
  /** Where operations are sent. */
  readonly url: string;
  /** What the app's own logger or error hook got. */
  readonly told: readonly unknown[];
  readonly executed: readonly string[];
}

export interface GraphQLSubject {
  /**
   * An app with or without the plugin. For a request with the header `x-no-context`, making the context
   * fails.
   */
  start(intermission: Intermission | undefined): Promise<GraphQLApp>;
  /** The path that `onMasked` and `exempt` get for the operation `List`. */
  readonly path: string;
  readonly skip: (request: unknown) => boolean;
}

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: { readonly data?: unknown; readonly errors?: readonly unknown[] };
}

/** Sends an operation like a GraphQL client: https://graphql.github.io/graphql-over-http/draft/#sec-POST */
export async function ask(
  url: string,
  query: string | readonly string[],
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const operations = typeof query === "string" ? { query } : query.map((one) => ({ query: one }));
  const answer = await visit(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", ...headers },
    body: JSON.stringify(operations),
  });
  return { ...answer, body: JSON.parse(answer.body) as Answered["body"] };
}

export const extensions = {
  code: "SERVICE_UNAVAILABLE",
  type: "urn:intermission:maintenance",
  status: 503,
  retryAfter: 60,
};

export const pageError = { message: expect.stringMatching(/^We are updating this site/), extensions };

/** What all GraphQL servers have in common. */
export function testGraphQL({ start, path, skip }: GraphQLSubject): void {
  const running: RunningServer[] = [];
  afterEach(() => Promise.all(running.splice(0).map((server) => server.close())));

  async function run(intermission: Intermission | undefined): Promise<GraphQLApp> {
    const app = await start(intermission);
    running.push(app.server);
    return app;
  }

  test.each(["application/json", "application/graphql-response+json"])(
    "an operation that fails is the page as an error, with its status, for a client that accepts %s",
    async (accept) => {
      const { url } = await run(await midDeploy());
      const { status, headers, body } = await ask(url, "{ orders }", { accept });
      expect({ status, data: body.data }).toEqual({ status: 503, data: null });
      expect(headers).toMatchObject({
        "content-type": `${accept}; charset=utf-8`,
        "retry-after": "60",
        "cache-control": "no-store",
        "content-language": "en",
        "x-maintenance": "deploy",
      });
      expect(body.errors).toEqual([{ ...pageError, path: ["orders"], locations: [{ line: 1, column: 3 }] }]);
    },
  );

  test("a value that the schema does not allow is a failure too", async () => {
    const { url } = await run(await midDeploy());
    expect(await ask(url, "{ missing }")).toMatchObject({ status: 503, body: { errors: [pageError] } });
  });

  test("what succeeded beside it stays, and so does the status", async () => {
    const { url } = await run(await midDeploy());
    const { status, headers, body } = await ask(url, "{ greet notes }");
    expect({ status, data: body.data }).toEqual({ status: 200, data: { greet: "Hello", notes: null } });
    expect(body.errors).toMatchObject([{ ...pageError, path: ["notes"] }]);
    expect(headers).not.toHaveProperty("retry-after");
  });

  test.each([
    ["a success", "{ greet }"],
    ["an error that is meant", "{ mine }"],
    ["an error with a status of its own", "{ gone }"],
    ["an operation that is not valid", "{ nothing }"],
    ["one that can't be read", "{"],
  ])("%s is the same as without Intermission", async (_, query) => {
    const [bare, watched] = [await run(undefined), await run(await midDeploy())];
    const [expected, got] = [await ask(bare.url, query), await ask(watched.url, query)];
    expect({ status: got.status, body: got.body }).toEqual({ status: expected.status, body: expected.body });
    expect(Object.keys(got.headers)).toEqual(Object.keys(expected.headers));
  });

  test("what is meant keeps its status, though something failed beside it", async () => {
    const { url } = await run(await midDeploy());
    const { status, body } = await ask(url, "{ notes gone }");
    expect(status).toBe(410);
    expect(body.errors).toContainEqual(expect.objectContaining(pageError));
    expect(body.errors).toContainEqual(expect.objectContaining({ message: "Gone" }));
  });

  test("at any other time a failure is the same as without Intermission", async () => {
    const [bare, watched] = [await run(undefined), await run(await settled())];
    const { status, body } = await ask(bare.url, "{ orders }");
    expect(await ask(watched.url, "{ orders }")).toMatchObject({ status, body });
  });

  test("the app is told the original error, as often as ever", async () => {
    const [bare, watched] = [await run(undefined), await run(await midDeploy())];
    await ask(bare.url, "{ orders }");
    await ask(watched.url, "{ orders }");
    expect(bare.told).toHaveLength(1);
    expect(watched.told).toEqual(bare.told);
  });

  test("onMasked is told what was thrown, once", async () => {
    const masked: MaskedError[] = [];
    const { url } = await run(await midDeploy({ onMasked: (error) => masked.push(error) }));
    await ask(url, "query List { orders }");
    expect(masked).toMatchObject([{ path, method: "GET", status: 500, reason: "release-mismatch" }]);
    expect(masked[0]?.error).toBe(failure);
  });

  test("the words are in the visitor's language, and those of a mutation say what may have become of it", async () => {
    const { url } = await run(await midDeploy());
    const query = await ask(url, "{ orders }", { "accept-language": "de" });
    expect(query.body.errors).toMatchObject([{ message: expect.stringMatching(/^Wir aktualisieren/) }]);
    expect(JSON.stringify((await ask(url, "{ orders }")).body)).not.toContain("saved");
    expect(JSON.stringify((await ask(url, "mutation { order }")).body)).toContain("may not have been saved");
  });

  test.each([
    ["exempts it by its path", { exempt: [path] }],
    ["skips it", { skip }],
    ["does not mask it", { mask: (error: unknown) => error !== failure }],
    ["only observes", { observe: true }],
  ])("a failure stays as it is where the app %s", async (_, options) => {
    const { url } = await run(await midDeploy(options));
    const { body } = await ask(url, "query List { orders }");
    expect(body.errors).toMatchObject([{ extensions: { code: "INTERNAL_SERVER_ERROR" } }]);
  });

  test("a batch has the page for those operations that failed", async () => {
    const { url } = await run(await midDeploy());
    const { status, headers, body } = await ask(url, ["{ greet }", "{ orders }"]);
    expect({ status, retryAfter: headers["retry-after"] }).toEqual({ status: 200, retryAfter: undefined });
    expect(body).toMatchObject([{ data: { greet: "Hello" } }, { errors: [pageError] }]);
  });

  test("a closed site executes nothing, but for whoever has the bypass", async () => {
    const { intermission, token } = await closedSite();
    const { url, executed } = await run(intermission);
    const { status, headers, body } = await ask(url, "{ greet }");
    expect({ status, retryAfter: headers["retry-after"] }).toEqual({ status: 503, retryAfter: "60" });
    expect(body).toEqual({ errors: [pageError] });
    expect(executed).toEqual([]);
    const admitted = await ask(url, "{ greet }", { cookie: cookieOf(token) });
    expect(admitted).toMatchObject({ status: 200, body: { data: { greet: "Hello" } } });
  });
}
