import { gateCall, type Call, type PageError } from "../../http/call/judge.ts";
import { addressOfCall, headerOf, type CallRequest } from "../../http/call/request.ts";
import { judgeErrors, toResultError, type ResultError } from "../../http/call/graphql.ts";
import { intermissionFrom, isShared, type AdapterOptions } from "../../engine/create.ts";

/** What is used of a result. */
interface Result {
  data?: unknown;
  errors?: readonly ResultError[];
}

/** What is used of the head of a response. */
interface ResponseHead {
  status?: number;
  readonly headers: { set(name: string, value: string): unknown };
}

/** What is used of the context of a request. */
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
  /** Before they were made ready to be shown. */
  readonly errors?: readonly unknown[];
}

/** What is given in the place of a result. */
interface Refusal<Head> {
  http: Head;
  body: { kind: "single"; singleResult: { errors: ResultError[] } };
}

/** What is watched of a request. */
interface RequestListener {
  responseForOperation<Context extends RequestContext>(
    context: Context,
  ): Promise<Refusal<Context["response"]["http"]> | null>;
  willSendResponse(context: RequestContext): Promise<void>;
}

/** The plugin. */
interface MaintenancePlugin {
  serverWillStart(): Promise<{ serverWillStop(): Promise<void> }>;
  requestDidStart(): Promise<RequestListener>;
}

/**
 * Plugin for Apollo Server 5, behind any web framework. What resolvers throw, other than a `GraphQLError`, is
 * replaced by an error with the page's words; `formatError` and the plugins of the app are told what it was, as ever. If
 * nothing else is in the response, its status is that of the page. While the site is closed, nothing is executed. An
 * intermission that it made itself is closed with the server.
 *
 * @throws IntermissionError when an option or environment variable can't be used.
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
      // Those of a batch share one head.
      if (context.requestIsBatched || (result.data ?? undefined) !== undefined) return;
      // Another error's own, such as 401, says more.
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

/** Apollo Server is not told the path of a request: the operation's name stands for it. */
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
