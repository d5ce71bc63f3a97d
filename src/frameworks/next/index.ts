import type { AdapterOptions } from "../../engine/create.ts";

// Bundlers of Next.js put a string in its place, and leave out what it rules out: for the edge there is nothing of Node.
declare const process: { readonly env: { readonly NEXT_RUNTIME?: string } };

/** What is used of a request as Next.js tells of it. */
interface FailedRequest {
  /** Those of Node's own request, the same object. */
  readonly headers: object;
}

/** What an `instrumentation.ts` exports: https://nextjs.org/docs/app/api-reference/file-conventions/instrumentation */
export interface Instrumentation {
  /**
   * @throws IntermissionError when an option or environment variable can't be used. Next.js says so then, and answers
   * every request with 500.
   */
  register(): Promise<void>;
  onRequestError(error: unknown, request: FailedRequest): void;
}

/**
 * Instrumentation for Next.js 15 and 16 on servers of your own: it sees every answer of the process, of pages, route
 * handlers and server actions alike. While the site is closed, the app is not called. A build registers nothing.
 *
 * @example
 * ```ts
 * // instrumentation.ts, with serverExternalPackages: ["intermission"] in next.config
 * export const { register, onRequestError } = maintenancePage();
 * ```
 */
export function maintenancePage(options?: AdapterOptions): Instrumentation {
  let rememberErrorOf: ((headers: object, error: unknown) => void) | undefined;
  return {
    async register() {
      // An early return would not do: webpack leaves out branches alone.
      if (process.env.NEXT_RUNTIME !== "edge") {
        const { watchApp } = await import("./watch-app.ts");
        rememberErrorOf = watchApp(options);
      }
    },
    onRequestError(error, { headers }) {
      rememberErrorOf?.(headers, error);
    },
  };
}
