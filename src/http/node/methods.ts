import { ServerResponse, validateHeaderName, validateHeaderValue } from "node:http";
import { passedHeaders, type PassedHeaders } from "./header.ts";

/** The methods that start sending a response. */
export type SendingMethod = "writeHead" | "write" | "end" | "flushHeaders";

export type ResponseMethod = (this: ServerResponse, ...parameters: unknown[]) => unknown;

/** The original methods. */
export interface Originals extends Readonly<Record<SendingMethod, ResponseMethod>> {
  /** They are those of Node's `ServerResponse`, with none between them and the connection. */
  readonly isNative: boolean;
}

type Methods = Readonly<Record<SendingMethod, ResponseMethod>>;

/** Handles an intercepted call, unless the call starts an answer that is no server error. */
export type CallHandler = (
  response: ServerResponse,
  originals: Originals,
  method: SendingMethod,
  parameters: readonly unknown[],
) => unknown;

/**
 * Intercepts the sending methods of a response and returns the originals.
 *
 * A class's methods are replaced once, on its prototype. Replacing them on each response would cost an
 * Express app a third of its speed, because Express changes each response's prototype too. A response that
 * already has methods of its own, from a wrapper such as compression, has those wrapped.
 */
export function createCatcher(handle: CallHandler): (response: ServerResponse) => Originals {
  const byPrototype = new WeakMap<object, Caught>();
  // Nearly all responses of a process share one class, so it is checked first.
  let latest: Caught | undefined;

  return function catchCalls(response) {
    if (latest !== undefined && hasMethods(response, latest.caught)) return latest.originals;
    const prototype = ownerOf(response);
    if (prototype !== response) {
      latest = byPrototype.get(prototype);
      if (latest === undefined && !hasOwnMethods(response)) {
        latest = replaceMethods(prototype, inheritedBy(prototype), handle);
        byPrototype.set(prototype, latest);
      }
      if (latest !== undefined && hasMethods(response, latest.caught)) return latest.originals;
    }
    const { writeHead, write, end, flushHeaders } = response as unknown as Methods;
    return replaceMethods(response, { writeHead, write, end, flushHeaders, isNative: false }, handle)
      .originals;
  };
}

interface Caught {
  readonly caught: Methods;
  readonly originals: Originals;
}

function replaceMethods(owner: object, originals: Originals, handle: CallHandler): Caught {
  const caught = createCaught(originals, handle);
  Object.assign(owner, caught);
  return { caught, originals };
}

function createCaught(originals: Originals, handle: CallHandler): Methods {
  return {
    writeHead(...parameters) {
      const begins = !this.headersSent;
      if (begins && !(Number(parameters[0]) >= 500))
        return Reflect.apply(originals.writeHead, this, parameters);
      return handle(this, originals, "writeHead", parameters);
    },
    write(...parameters) {
      if (beginsNoError(this)) return Reflect.apply(originals.write, this, parameters);
      return handle(this, originals, "write", parameters);
    },
    end(...parameters) {
      if (beginsNoError(this)) return Reflect.apply(originals.end, this, parameters);
      return handle(this, originals, "end", parameters);
    },
    flushHeaders(...parameters) {
      if (beginsNoError(this)) return Reflect.apply(originals.flushHeaders, this, parameters);
      return handle(this, originals, "flushHeaders", parameters);
    },
  };
}

/** The whole cost of a success. */
function beginsNoError(response: ServerResponse): boolean {
  return response.statusCode < 500 && !response.headersSent;
}

/** The object in a response's prototype chain that has `writeHead`, or the response itself. */
function ownerOf(response: ServerResponse): object {
  let owner: object = response;
  while (!Object.hasOwn(owner, "writeHead")) {
    const next = Object.getPrototypeOf(owner) as object | null;
    if (next === null) return response;
    owner = next;
  }
  return owner;
}

function hasOwnMethods(response: ServerResponse): boolean {
  return ["write", "end", "flushHeaders"].some((method) => Object.hasOwn(response, method));
}

function hasMethods(response: ServerResponse, caught: Methods): boolean {
  const { writeHead, write, end, flushHeaders } = response as unknown as Methods;
  return (
    writeHead === caught.writeHead &&
    write === caught.write &&
    end === caught.end &&
    flushHeaders === caught.flushHeaders
  );
}

/**
 * A prototype's own or inherited methods. Inherited ones are looked up at each call, so that a later
 * replacement on the base class (a tracer's, on `OutgoingMessage`) is still called.
 */
function inheritedBy(prototype: object): Originals {
  const base = Object.getPrototypeOf(prototype) as Methods;
  const own = prototype as Methods;
  const original = (method: SendingMethod): ResponseMethod =>
    Object.hasOwn(prototype, method)
      ? own[method]
      : function inherited(...parameters) {
          return Reflect.apply(base[method], this, parameters);
        };
  return {
    writeHead: original("writeHead"),
    write: original("write"),
    end: original("end"),
    flushHeaders: original("flushHeaders"),
    isNative: prototype === ServerResponse.prototype,
  };
}

/** Whether Node would refuse the call: an app that catches the error goes on with its answer. */
export function isRefused(method: SendingMethod, parameters: readonly unknown[]): boolean {
  const [first] = parameters;
  switch (method) {
    case "write":
      return typeof first !== "string" && !(first instanceof Uint8Array);
    case "end":
      return isChunk(first) && typeof first !== "string" && !(first instanceof Uint8Array);
    case "writeHead":
      return !passedHeaders(parameters).every(isSendable);
    default:
      return false;
  }
}

/** Node treats anything falsy as no chunk. */
function isChunk(value: unknown): boolean {
  return typeof value !== "function" && Boolean(value);
}

function isSendable([name, value]: PassedHeaders[number]): boolean {
  try {
    validateHeaderName(name);
    for (const one of Array.isArray(value) ? value : [value]) validateHeaderValue(name, String(one));
    return true;
  } catch {
    return false;
  }
}

/** Sets the length that `end` would put in its own header, because here the header is made earlier. */
export function announceLength(response: ServerResponse, [chunk, encoding]: readonly unknown[]): void {
  const internal = response as { _contentLength?: unknown };
  if (internal._contentLength !== null) return;
  const text = isChunk(chunk) ? (chunk as string | Uint8Array) : "";
  internal._contentLength = Buffer.byteLength(
    text,
    typeof encoding === "string" ? (encoding as BufferEncoding) : undefined,
  );
}
