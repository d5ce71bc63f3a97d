import type { AdapterOptions } from "../../engine/create.ts";

// Next.js's bundlers replace this with a string and drop unreachable code: the edge must contain nothing of
// Node.
declare const process: { readonly env: { readonly NEXT_RUNTIME?: string } };

/** The parts of Next.js's request used here. */
interface FailedRequest {
  /** The same object as in Node's own request. */
  readonly headers: object;
}

/**
 * What an `instrumentation.ts` exports:
 * https://nextjs.org/docs/app/api-reference/file-conventions/instrumentation
 */
export interface Instrumentation {
  /**
   * @throws IntermissionError if an option or environment variable is invalid. Next.js then reports it and
   * answers every request with 500.
   */
  register(): Promise<void>;
  onRequestError(error: unknown, request: FailedRequest): void;
}

/**
 * Instrumentation for Next.js 15 and 16 on your own servers: it sees every answer of the process, from pages,
 * route handlers and server actions alike. While the site is closed, the app is not called. A build registers
 * nothing.
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
      // Not an early return: webpack drops only branches.
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
