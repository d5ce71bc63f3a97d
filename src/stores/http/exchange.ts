import { systemClock } from "../../core/runtime.ts";
import { IntermissionError, isIntermissionError, reasonOf } from "../../core/errors.ts";
import { withTimeLimit } from "../../core/time-limit.ts";
import { chunksOf, readText } from "../shared/bounded-text.ts";
import { storeClosed, storeFailed } from "../shared/failure.ts";
import type { Address, Resource } from "./address.ts";

/** The part of `fetch` that is used. */
export type Send = (url: string, init: RequestInit) => Promise<Response>;

export interface Asked {
  /** The purpose, as in "could not be read". */
  readonly purpose: string;
  readonly method: "GET" | "POST" | "PUT";
  readonly resource: Resource;
  readonly parameters: Readonly<Record<string, string>>;
  readonly body?: object;
  /** Milliseconds in which it settles, whatever the server does. */
  readonly within: number;
  readonly maximumBytes: number;
}

export interface Exchange {
  /**
   * Sends a request and reads the answer's JSON.
   *
   * @param read Undefined: the protocol has no such answer.
   * @throws IntermissionError `store-failed`, `store-denied`
   */
  ask<Answer>(asked: Asked, read: (answer: unknown) => Answer | undefined): Promise<Answer>;
  /** Ends requests in flight. */
  close(): void;
}

export function createExchange({ token, urlOf }: Address, send: Send): Exchange {
  const underWay = new Set<AbortController>();
  let closed = false;

  function refuseWhenClosed(): void {
    if (closed) throw storeClosed();
  }

  async function answerTo(asked: Asked, signal: AbortSignal): Promise<unknown> {
    const { method, resource, parameters, body, maximumBytes } = asked;
    const init: RequestInit = {
      method,
      headers: {
        accept: "application/json",
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // The token is for one host only. Not "error", which Workers don't know.
      redirect: "manual",
      signal,
    };
    const url = urlOf(resource, parameters);
    const response = await send(url, init).catch((error: unknown) => {
      // A kept-alive connection may have ended, for example while a process was frozen. What may have been
      // written is not sent twice.
      if (method === "POST" || signal.aborted) throw error;
      return send(url, init);
    });
    if (response.status !== 200) {
      response.body?.cancel().catch(() => undefined);
      throw refused(asked, response.status);
    }
    const text = await readText(chunksOf(response.body), maximumBytes);
    return JSON.parse(text) as unknown;
  }

  return {
    async ask(asked, read) {
      refuseWhenClosed();
      const controller = new AbortController();
      underWay.add(controller);
      try {
        const work = (async () => answerTo(asked, controller.signal))();
        const answer = await withTimeLimit(systemClock, asked.within, work);
        const known = read(answer);
        if (known === undefined) throw new Error("JSON of another kind");
        return known;
      } catch (error) {
        refuseWhenClosed();
        throw isIntermissionError(error) ? error : broken(asked.purpose, error);
      } finally {
        underWay.delete(controller);
        controller.abort();
      }
    },
    close() {
      closed = true;
      for (const controller of underWay) controller.abort();
    },
  };
}

function refused({ purpose, resource }: Asked, status: number): IntermissionError {
  const denied = status === 403 || status === 501;
  return new IntermissionError(denied ? "store-denied" : "store-failed", {
    problem: `The HTTP store ${purpose}`,
    expected: "status 200",
    // In browsers a redirect that is not followed has status 0.
    got: status === 0 ? "a redirect" : `status ${String(status)}`,
    remedy: remedyFor(status, resource),
  });
}

function remedyFor(status: number, resource: Resource): string {
  if (status === 401) return "Check the token: the server knows another one.";
  if (status === 403) {
    return resource === "reports"
      ? "This token may only read. Instances need the one that may report."
      : "This token may not write. Deploys need the one that may.";
  }
  if (status === 404 || status === 405) return "Check the path in the store's URL.";
  if (status === 413) return "What was sent is larger than any record: check what made it.";
  if (status === 429) return "The server takes no more reports now. Check who reports to it.";
  if (status === 501)
    return "The store behind the server keeps none, or the server's user of it lacks a right.";
  if (status < 400) return "Name the address that it leads to: a redirect is not followed with the token.";
  if (status >= 500) return "Check the server's log, and the store behind it.";
  return "Check that the server is of a version that fits.";
}

function broken(purpose: string, cause: unknown): IntermissionError {
  const problem = `The HTTP store ${purpose}`;
  if (
    cause instanceof SyntaxError ||
    /^(?:JSON of another kind|more than \d+ bytes)$/.test(reasonOf(cause))
  ) {
    return new IntermissionError("store-failed", {
      problem,
      expected: "an answer of intermission/server",
      got: cause instanceof SyntaxError ? "something that is not JSON" : reasonOf(cause),
      remedy: "Check the host and the path in the store's URL.",
    });
  }
  // fetch puts the reason in the error's cause.
  const inner = cause instanceof TypeError && cause.cause !== undefined ? cause.cause : cause;
  return storeFailed(problem, inner, "Check that the server is running and can be reached from here.");
}
