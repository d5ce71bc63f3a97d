import type { Subscribe } from "../subscriber.ts";
import type { ListenClient, PostgresSource } from "./client.ts";
import { channel, listen } from "./statements.ts";

/** How changes are heard of: by LISTEN, on one connection of the source. */
export function listenTo(source: Pick<PostgresSource, "listenClient">): Subscribe {
  return (heard, lost) => {
    let connection: ListenClient | undefined;
    let ended = false;

    async function subscribe(): Promise<void> {
      const opened = await source.listenClient();
      if (ended) {
        opened.end();
        throw new Error("the connection came too late");
      }
      connection = opened;
      const { client } = opened;
      client.on("error", lost);
      client.on("end", lost);
      client.on("notification", (message) => {
        if (message.channel === channel && message.payload !== undefined) heard(message.payload);
      });
      await client.query({ text: listen });
      client.unref?.();
    }

    return {
      subscribed: subscribe(),
      end() {
        ended = true;
        connection?.end();
      },
    };
  };
}
