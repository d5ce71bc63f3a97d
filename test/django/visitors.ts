import { EventEmitter, once } from "node:events";
import { onTestFinished } from "vitest";
import { visit, type Answer } from "../support/http.ts";

/** `raw`: a server error that is not the page. `changed`: an answer that no instance gives. */
export type Kind = "success" | "page" | "raw" | "changed";

export interface Seen {
  /** How many answers had been seen when its request was sent. */
  readonly number: number;
  readonly path: string;
  readonly status: number;
  readonly kind: Kind;
  readonly body: string;
}

export interface Visitors {
  /** Answers so far. */
  readonly count: number;
  /** Resolves when so many more requests have been sent and answered. */
  haveSeen(more: number): Promise<void>;
  /** Lets requests in flight get their answers. */
  stop(): Promise<readonly Seen[]>;
}

const successes: Readonly<Record<string, string>> = {
  "/": "Welcome to the shop",
  "/orders/": '{"orders": []}',
};

export function kindOf(path: string, { status, headers, body }: Answer): Kind {
  if (status === 503 && headers["x-maintenance"] !== undefined) return "page";
  if (status >= 500) return "raw";
  return status === 200 && body === successes[path] ? "success" : "changed";
}

/** Four visitors who request one path after another, each on new connections, until they are stopped. */
export function startVisitors(url: string): Visitors {
  const seen: Seen[] = [];
  const heard = new EventEmitter();
  heard.setMaxListeners(0);
  let open = true;

  async function stay(first: number): Promise<void> {
    const paths = Object.keys(successes);
    for (let turn = first; open; turn++) {
      const path = paths[turn % paths.length] ?? "/";
      const number = seen.length;
      const answer = await visit(`${url}${path}`);
      const { status, body } = answer;
      seen.push({ number, path, status, body: body.slice(0, 200), kind: kindOf(path, answer) });
      heard.emit("answer");
    }
  }

  const staying = Promise.all([0, 1, 2, 3].map(stay));
  staying.catch(() => heard.emit("answer"));
  onTestFinished(() => {
    open = false;
  });
  return {
    get count() {
      return seen.length;
    },
    async haveSeen(more) {
      // Those in flight at the call had been sent before.
      const enough = seen.length + more + 4;
      while (seen.length < enough) await Promise.race([once(heard, "answer"), staying]);
    },
    async stop() {
      open = false;
      await staying;
      return seen;
    },
  };
}
