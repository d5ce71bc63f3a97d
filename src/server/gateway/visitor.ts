import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Visit } from "../../core/ports.ts";
import { visitOf } from "../../http/node/header.ts";
import type { Target } from "./request-head.ts";

/** A request on its way, and who sent it. */
export interface Visitor {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: Target;
  readonly address: string | undefined;
  /** Names and values in turn: what upstreams are sent. */
  readonly headers: readonly string[];
  /** Of a request that wants to become a WebSocket. */
  readonly upgrade: Upgrade | undefined;
}

export interface Upgrade {
  readonly socket: Socket;
  /** To be called when it has become one: the request is answered. */
  opened(): void;
}

export function toVisit({ request, response }: Visitor, contentType: string | undefined): Visit {
  return visitOf(request, response, contentType === undefined ? [] : [["content-type", contentType]]);
}
