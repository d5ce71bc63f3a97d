import type { OutgoingHttpHeaders } from "node:http";
import type { Page } from "../core/ports.ts";

/** A page as Node sends it with the least work. */
export interface ReadyPage {
  /** Given all at once, headers cost less than set one by one. */
  readonly headers: OutgoingHttpHeaders;
  /** Of any other array, Node makes a Buffer with each write. */
  readonly body: Buffer;
}

// A site that fails or is closed sends few pages many times.
const ready = new WeakMap<Page, ReadyPage>();

export function makeReady(page: Page): ReadyPage {
  let made = ready.get(page);
  if (made === undefined) {
    const { buffer, byteOffset, byteLength } = page.body;
    made = {
      headers: { ...page.headers, "content-length": byteLength },
      body: Buffer.from(buffer, byteOffset, byteLength),
    };
    ready.set(page, made);
  }
  return made;
}
