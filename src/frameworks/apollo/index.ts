import { gateCall, type Call, type PageError } from "../../http/call/judge.ts";
import { addressOfCall, headerOf, type CallRequest } from "../../http/call/request.ts";
import { judgeErrors, toResultError, type ResultError } from "../../http/call/graphql.ts";
import { intermissionFrom, isShared, type AdapterOptions } from "../../engine/create.ts";

/** The parts of a result used here. */
interface Result {
  data?: unknown;
  errors?: readonly ResultError[];
}

/** The parts of a response's head used here. */
interface ResponseHead {
  status?: number;
  readonly headers: { set(name: string, value: string): unknown };
}

/** The parts of a request's context used here. */
interface RequestContext {
  readonly request: { readonly http?: CallRequest & { readonly method: string } };
  readonly response: {
    readonly http: ResponseHead;
    readonly body?:
      | { readonly kind: "single"; readonly singleResult: Result }
      | { readonly kind: "incremental"; readonly initialResult: Result };
  };
  readonly contextValue: object;
  readonly operation?: { readonly operation: string };
  readonly operationName?: string | null;
  readonly requestIsBatched: boolean;
  /** Before they were formatted for the client. */
  readonly errors?: readonly unknown[];
}

/** Returned instead of a result. */
interface Refusal<Head> {
  http: Head;
  body: { kind: "single"; singleResult: { errors: ResultError[] } };
}

/** The hooks used here. */
interface RequestListener {
  responseForOperation<Context extends RequestContext>(
    context: Context,
  ): Promise<Refusal<Context["response"]["http"]> | null>;
  willSendResponse(context: RequestContext): Promise<void>;
}

interface MaintenancePlugin {
  serverWillStart(): Promise<{ serverWillStop(): Promise<void> }>;
  requestDidStart(): Promise<RequestListener>;
}

/**
 * Plugin for Apollo Server 5, behind any web framework. What resolvers throw, except a `GraphQLError`, is
 * replaced by an error with the page's words; `formatError` and the app's plugins still see the original. If
 * the response contains nothing else, it has the page's status. While the site is closed, nothing is
 * executed. An intermission it made itself is closed with the server.
 *
 * @throws IntermissionError if an option or environment variable is invalid.
 * @example
 * ```ts
 * const server = new ApolloServer({ typeDefs, resolvers, plugins: [maintenancePage()] });
 * ```
 */
export function maintenancePage(options?: AdapterOptions): MaintenancePlugin {
  const intermission = intermissionFrom(options);
  const listener: RequestListener = {
    async responseForOperation(context) {
      const page = await gateCall(toCall(context), intermission);
      if (page === undefined) return null;
      const { http }: { readonly http: (typeof context)["response"]["http"] } = context.response;
      setHead(http, page);
      return { http, body: { kind: "single", singleResult: { errors: [toResultError(page)] } } };
    },
    async willSendResponse(context) {
      const { body, http } = context.response;
      if (body === undefined) return;
      const result = body.kind === "single" ? body.singleResult : body.initialResult;
      if (result.errors === undefined) return;
      const judged = await judgeErrors(toCall(context), result.errors, intermission, context.errors);
      if (judged === undefined) return;
      result.errors = judged.errors;
      // A batch shares one head.
      if (context.requestIsBatched || (result.data ?? undefined) !== undefined) return;
      // Another error's own status, such as 401, says more.
      if (http.status === undefined || http.status >= 500) setHead(http, judged.page);
    },
  };
  return {
    async serverWillStart() {
      return {
        async serverWillStop() {
          if (!isShared(options)) await intermission.close();
        },
      };
    },
    async requestDidStart() {
      return listener;
    },
  };
}

function setHead(head: ResponseHead, { extensions, headers }: PageError): void {
  head.status = extensions.status;
  for (const [name, value] of Object.entries(headers)) head.headers.set(name, value);
}

/** Apollo Server does not know a request's path, so the operation's name stands for it. */
function toCall(context: RequestContext): Call {
  const { http } = context.request;
  return {
    method: context.operation?.operation === "mutation" ? "POST" : "GET",
    path: `/${context.operationName ?? ""}`,
    headerOf: (name) => headerOf(http, name),
    frameworkRequest: context,
    addressOf: () => addressOfCall((context.contextValue as { readonly req?: CallRequest }).req),
  };
}
