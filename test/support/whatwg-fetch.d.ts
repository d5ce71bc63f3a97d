/*
 * In the place of the types of @whatwg-node/fetch, which GraphQL Yoga imports. Those bring the types of browsers with
 * them, for every file that is checked: what runs on Node alone would be wrong, and what does not would be right.
 */

export declare const Response: typeof globalThis.Response;

export declare function createFetch(): Pick<
  typeof globalThis,
  | "fetch"
  | "Request"
  | "Response"
  | "Headers"
  | "FormData"
  | "ReadableStream"
  | "WritableStream"
  | "TransformStream"
  | "CompressionStream"
  | "DecompressionStream"
  | "Blob"
  | "crypto"
  | "btoa"
  | "TextEncoder"
  | "TextDecoder"
  | "URL"
  | "URLSearchParams"
>;
