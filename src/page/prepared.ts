import { boundedMap } from "../core/bounded-map.ts";
import type { Notice } from "../core/state/manual.ts";
import type { PageCause } from "../core/ports.ts";
import type { Format } from "./format.ts";
import type { Messages } from "./messages.ts";

/** What a page depends on, apart from its format. */
export interface Wish {
  readonly messages: Messages;
  readonly repeatable: boolean;
  readonly cause: PageCause;
  readonly notice: Notice;
  readonly status: number;
}

interface Variants<Made> {
  readonly repeatable: Map<PageCause, Made>;
  readonly other: Map<PageCause, Made>;
}

/** With an expected return, each second brings new pages; and an app may fail with a hundred statuses. */
const mostOthers = 128;

/** Makes each page once. If making it throws, the next request tries again. */
export function prepareOnce<Made>(
  make: (format: Format, wish: Wish) => Made,
): (format: Format, wish: Wish) => Made {
  // Indexed without building a key string, which would cost more than the rest of an answer. Covers every
  // format, language, method and cause for the first status seen.
  let usual: number | undefined;
  const plain = new Map<Format, WeakMap<Messages, Variants<Made>>>();
  const others = boundedMap<string, Made>(mostOthers);

  function variantsOf(format: Format, { messages, repeatable }: Wish): Map<PageCause, Made> {
    let ofFormat = plain.get(format);
    if (ofFormat === undefined) plain.set(format, (ofFormat = new WeakMap()));
    let variants = ofFormat.get(messages);
    if (variants === undefined)
      ofFormat.set(messages, (variants = { repeatable: new Map(), other: new Map() }));
    return repeatable ? variants.repeatable : variants.other;
  }

  return function prepare(format, wish) {
    const { messages, repeatable, cause, notice, status } = wish;
    const { message, backIn } = notice;
    usual ??= status;
    if (message === undefined && backIn === undefined && status === usual) {
      const variants = variantsOf(format, wish);
      const known = variants.get(cause);
      if (known !== undefined) return known;
      const made = make(format, wish);
      variants.set(cause, made);
      return made;
    }
    const key = JSON.stringify([format.name, messages.language, repeatable, cause, status, backIn, message]);
    const known = others.get(key);
    if (known !== undefined) return known;
    const made = make(format, wish);
    others.set(key, made);
    return made;
  };
}
