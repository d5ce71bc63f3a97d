import { remember } from "../core/bounded-map.ts";
import type { Page } from "../core/ports.ts";
import { findModule, isRequestBound } from "../core/runtime.ts";
import { parseAcceptEncoding } from "./accept.ts";

/** Content codings (RFC 9110 section 8.4.1) that the page is sent in, the smallest result first. */
const codings = ["br", "gzip"] as const;
type Coding = (typeof codings)[number];

/** A smaller page fits into the first packet as it is. Bytes. */
const smallest = 1024;
/** Nearly as small as the best, which takes a hundred times as long. */
const brotliQuality = 5;

/**
 * A page as each visitor accepts it, compressed once in each coding, when the first one asks for it: that takes less than
 * half a millisecond.
 *
 * @returns The page for an `Accept-Encoding`. Undefined: there is none, or the page is for somebody who can't pass it on.
 */
export function inCodings(page: Page): (acceptEncoding: string | undefined) => Page {
  // Workers compress by themselves what has a Content-Encoding.
  const zlib = isRequestBound() ? undefined : findModule("node:zlib");
  if (zlib === undefined || page.body.byteLength < smallest) return () => page;
  const { brotliCompressSync, constants, gzipSync } = zlib;
  const headers = { ...page.headers, vary: [page.headers["vary"], "Accept-Encoding"].join(", ") };
  const plain: Page = { ...page, headers };
  const compressed: Partial<Record<Coding, Page>> = {};

  function compress(coding: Coding): Page {
    const params = { [constants.BROTLI_PARAM_QUALITY]: brotliQuality };
    const body = coding === "br" ? brotliCompressSync(page.body, { params }) : gzipSync(page.body);
    return { ...page, headers: { ...headers, "content-encoding": coding }, body };
  }

  return (acceptEncoding) => {
    if (acceptEncoding === undefined) return page;
    const coding = chooseCoding(acceptEncoding);
    return coding === undefined ? plain : (compressed[coding] ??= compress(coding));
  };
}

/**
 * The coding that an `Accept-Encoding` asks for. Undefined: none, also where a visitor refuses to get the page as it is and
 * names no other coding that there is: a page that can't be read says no less than none. `*` names none, as it does in
 * `Accept`: not everybody who sends it can decode all.
 */
export const chooseCoding = remember(
  (header: string): Coding | undefined => {
    const ranges = parseAcceptEncoding(header);
    const qualityOf = (coding: string): number =>
      ranges.find(({ range }) => range === coding || range === `x-${coding}`)?.quality ?? 0;
    const best = codings.reduce((one, other) => (qualityOf(other) > qualityOf(one) ? other : one));
    return qualityOf(best) > 0 && qualityOf(best) >= qualityOf("identity") ? best : undefined;
  },
  { maximum: 64, longest: 256 },
);
