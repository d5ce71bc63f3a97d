/*
 * Replaces the types of @whatwg-node/fetch, which GraphQL Yoga imports. Those pull browser types into every
 * checked file, so that code for Node would be checked wrongly.
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
