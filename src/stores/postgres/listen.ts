import { IntermissionError } from "../../core/errors.ts";
import type { Clock } from "../../core/ports.ts";
import { withTimeLimit } from "../../core/time-limit.ts";
import type { Subscribe } from "../shared/subscriber.ts";
import type { ListenClient, PostgresClient, PostgresQuery, PostgresSource } from "./pool.ts";
import { channel, nameSession, selectServer, withTimeout } from "./statements.ts";

/**
 * Hears of changes by LISTEN, on one connection, which also serves reads, so that an idle instance needs no
 * other.
 */
export interface Listener {
  /** Opens the connection, one at a time. */
  listenTo(source: Pick<PostgresSource, "listenClient" | "noListener">): Subscribe;
  /**
   * Queries on the listening connection. undefined: there is none, or it is busy. If it does not answer, it
   * counts as lost: its other end may have vanished silently, and then it would never hear of anything again.
   *
   * @param milliseconds After which an answer is too late.
   */
  ask(query: PostgresQuery, milliseconds: number): Promise<unknown> | undefined;
}

/**
 * Milliseconds after which the server gives up a statement on this connection, sooner than the client does.
 */
const statementLimit = 900;

interface Line {
  readonly client: PostgresClient;
  readonly lost: () => void;
  ended: boolean;
}

export function createListener(clock: Clock): Listener {
  /** The listening connection, while no query is running on it. */
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
        await client.query({ text: `${nameSession}; listen ${channel}` });
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
 * Why LISTEN can't work on this connection. undefined: it can.
 *
 * A server tells each client its process id on connecting. A pooler that shares server connections among
 * clients invents an id, so it differs from the one that the process itself reports. LISTEN would then stay
 * on a connection that the app's own queries get next. The check itself leaves nothing behind.
 */
async function doubtOf(client: PostgresClient): Promise<string | undefined> {
  const result = await client.query({ text: withTimeout(statementLimit, selectServer) });
  const last: unknown = Array.isArray(result) ? result.at(-1) : result;
  const [row] = (last as { readonly rows?: readonly Readonly<Record<string, unknown>>[] }).rows ?? [];
  if (row?.["replica"] === true) return "a replica, which gets no notifications";
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

/**
 * Whether the server answered, if only with an error: PostgreSQL's errors have a severity, network errors
 * none.
 */
function isFromServer(error: unknown): boolean {
  return error instanceof Error && "severity" in error;
}
