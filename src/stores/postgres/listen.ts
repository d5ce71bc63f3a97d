import { IntermissionError } from "../../core/errors.ts";
import type { Clock } from "../../core/ports.ts";
import { withTimeLimit } from "../../core/time-limit.ts";
import type { Subscribe } from "../shared/subscriber.ts";
import type { ListenClient, PostgresClient, PostgresQuery, PostgresSource } from "./pool.ts";
import { channel, selectServer, withTimeout } from "./statements.ts";

/** Hears of changes by LISTEN, on one connection. It is asked there too, so that at rest there is no other. */
export interface Listener {
  /** Opens the connection, one at a time. */
  listenTo(source: Pick<PostgresSource, "listenClient" | "noListener">): Subscribe;
  /**
   * Asks on the connection that listens; undefined: there is none, or it is busy. One that gives no answer counts as
   * lost: its other end may be gone without a word, and then it would never hear of anything again.
   *
   * @param milliseconds After which no answer is expected any more.
   */
  ask(query: PostgresQuery, milliseconds: number): Promise<unknown> | undefined;
}

/** Milliseconds after which the server gives up what is asked on the connection: before who asks does. */
const statementLimit = 900;

interface Line {
  readonly client: PostgresClient;
  readonly lost: () => void;
  ended: boolean;
}

export function createListener(clock: Clock): Listener {
  /** What listens, while it is not being asked. */
  let idle: Line | undefined;

  async function askOn(line: Line, query: PostgresQuery, milliseconds: number): Promise<unknown> {
    try {
      const answer = (async () => line.client.query(query))();
      const result = await withTimeLimit(clock, milliseconds, answer);
      free(line);
      return result;
    } catch (error) {
      if (isFromServer(error)) free(line);
      else line.lost();
      throw error;
    }
  }

  function free(line: Line): void {
    if (!line.ended) idle = line;
  }

  return {
    listenTo: (source) => (heard, lost) => {
      let connection: ListenClient | undefined;
      let line: Line | undefined;
      let ended = false;

      async function subscribe(): Promise<void> {
        if (source.noListener !== undefined) throw unavailable(source.noListener);
        const opened = await source.listenClient();
        if (ended) {
          opened.putBack();
          throw new Error("the connection came too late");
        }
        const { client } = opened;
        const doubt = await doubtOf(client).catch((error: unknown) => {
          opened.end();
          throw error;
        });
        if (doubt !== undefined) {
          opened.putBack();
          throw unavailable(doubt);
        }
        connection = opened;
        client.on("error", lost);
        client.on("end", lost);
        client.on("notification", (message) => {
          if (message.channel === channel && message.payload !== undefined) heard(message.payload);
        });
        await client.query({ text: `listen ${channel}` });
        client.unref?.();
        line = { client, lost, ended };
        free(line);
      }

      return {
        subscribed: subscribe(),
        end() {
          ended = true;
          if (line !== undefined) line.ended = true;
          if (idle === line) idle = undefined;
          connection?.end();
        },
      };
    },
    ask(query, milliseconds) {
      if (idle === undefined) return undefined;
      const line = idle;
      idle = undefined;
      return askOn(line, query, milliseconds);
    },
  };
}

/**
 * Why LISTEN can't be had on this connection; undefined: it can.
 *
 * A server tells each client the id of its process when it connects. A pooler that hands a server's connection from one
 * client to the next makes up an id of its own, so that it differs from what the process says of itself. LISTEN would
 * then stay on a connection that the app's own queries get next. The proof itself leaves nothing behind.
 */
async function doubtOf(client: PostgresClient): Promise<string | undefined> {
  const result = await client.query({ text: withTimeout(statementLimit, selectServer) });
  const last: unknown = Array.isArray(result) ? result.at(-1) : result;
  const [row] = (last as { readonly rows?: readonly Readonly<Record<string, unknown>>[] }).rows ?? [];
  if (row?.["replica"] === true) return "a replica, which hears of nothing";
  const { processID } = client as { readonly processID?: unknown };
  if (typeof processID === "number" && processID === Number(row?.["pid"])) return undefined;
  return "a pooler such as PgBouncer, whose connections are shared";
}

function unavailable(reason: string): IntermissionError {
  return new IntermissionError("push-unavailable", {
    problem: "The PostgreSQL store can't listen for changes",
    got: reason,
    remedy: "Name the server itself, or add ?listen=false.",
  });
}

/** An answer, if not the one that was hoped for: PostgreSQL's errors have a severity, those of the network none. */
function isFromServer(error: unknown): boolean {
  return error instanceof Error && "severity" in error;
}
