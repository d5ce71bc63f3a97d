import type { Clock } from "../../core/ports.ts";
import { toText, type Markup } from "../../page/template.ts";
import { commonHeaders, refuse, type ConsoleResponse } from "./exchange.ts";

/** Parts of a page, by the id of their section. */
export type Parts = Readonly<Record<string, Markup>>;

/** The open streams of everybody who looks. */
export interface Streams {
  /**
   * Sends parts of a page whenever they differ from what was sent before.
   *
   * @param follow Calls back with the parts; the returned function ends that.
   */
  open(response: ConsoleResponse, follow: (show: (parts: Parts) => void) => () => void): void;
  close(): void;
}

const mostViewers = 200;
/** A viewer who does not read is disconnected. Bytes. */
const mostUnread = 2 ** 20;
/** Keeps proxies from closing an idle stream. Milliseconds. */
const beatEvery = 20_000;

export function createStreams(clock: Clock): Streams {
  const viewers = new Set<ConsoleResponse>();
  /** Parts are made once for all who look, and so is their text. */
  const texts = new WeakMap<Markup, string>();

  function textOf(part: Markup): string {
    const known = texts.get(part) ?? toText(part);
    texts.set(part, known);
    return known;
  }

  return {
    open(response, follow) {
      if (viewers.size >= mostViewers) {
        refuse(response, 503, "Too many people look at the console.");
        return;
      }
      response.writeHead(200, {
        ...commonHeaders,
        "content-type": "text/event-stream",
        "x-accel-buffering": "no",
      });
      response.write(": hello\n\n");
      const sent = new Map<string, string>();
      let cancelBeat = beat();
      const unfollow = follow((parts) => {
        for (const [id, part] of Object.entries(parts)) {
          const html = textOf(part);
          if (sent.get(id) === html) continue;
          sent.set(id, html);
          response.write(`event: part\ndata: ${JSON.stringify({ id, html })}\n\n`);
        }
        if (response.writableLength > mostUnread) response.destroy();
      });
      viewers.add(response);
      response.once("close", () => {
        viewers.delete(response);
        unfollow();
        cancelBeat();
      });

      function beat(): () => void {
        return clock.after(beatEvery, () => {
          response.write(": still here\n\n");
          cancelBeat = beat();
        });
      }
    },
    close() {
      for (const viewer of viewers) viewer.destroy();
    },
  };
}
