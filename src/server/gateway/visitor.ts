import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { PageRequest } from "../../core/ports.ts";
import { pageRequestOf } from "../../http/node/header.ts";
import type { Target } from "./request-head.ts";
import type { Upstream } from "./upstreams.ts";

/** A request in flight, and who sent it. */
export interface Visitor {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: Target;
  readonly address: string | undefined;
  /** Names and values in turn: the upstream's headers without those that say where the body ends. */
  readonly headers: readonly string[];
  readonly hasBody: boolean;
  readonly record: ExchangeRecord;
  /** For a request to become a WebSocket. */
  readonly upgrade: Upgrade | undefined;
}

/** What happens to a request, for the log. */
export interface ExchangeRecord {
  readonly id: string;
  /** The last one asked. */
  upstream: Upstream | undefined;
  /** The error that the visitor did not see, and why. */
  masked: { readonly status: number; readonly reason: string } | undefined;
  /** Another upstream's answer replaced an error. */
  healed: boolean;
  /** It became a WebSocket. */
  isUpgraded: boolean;
  /** Of the body that was sent. */
  bytes: number;
}

/** Visitors may choose this id, so it allows nothing that is special to a log or a shell. */
const requestId = /^[\w.+/=:@-]{1,128}$/;

export function createRecord({ headers }: IncomingMessage, makeId: () => string): ExchangeRecord {
  const named = headers["x-request-id"];
  return {
    id: typeof named === "string" && requestId.test(named) ? named : makeId(),
    upstream: undefined,
    masked: undefined,
    healed: false,
    isUpgraded: false,
    bytes: 0,
  };
}

export interface Upgrade {
  readonly socket: Socket;
  /** Call when it has become a WebSocket: the request is answered. */
  opened(): void;
}

export function toPageRequest({ request, response }: Visitor, contentType: string | undefined): PageRequest {
  return pageRequestOf(request, response, contentType === undefined ? [] : [["content-type", contentType]]);
}
