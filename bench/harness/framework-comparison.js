import { compare } from "./comparison.js";
import { page, regularError, success } from "./expectations.js";
import { writePage } from "./prepared-page.js";
import { prepareReleases } from "./releases.js";
import { browserHeaders } from "./wrk.js";

// So that the comparisons of five frameworks end within a quarter of an hour.
const most = { pairs: 4, seconds: 2 };

/**
 * A success, the page beside the framework's own 500, and the page beside a prepared 503, for each framework.
 *
 * @param frameworks `title`; `app`, of bench/apps; `platform`, for an app that has several.
 */
export async function compareFrameworks(frameworks, options) {
  const { match, mismatch } = await prepareReleases(options.folder);
  const { file, length } = await writePage(options.folder);
  const failing = { path: "/broken", request: { headers: browserHeaders, failing: true } };

  const comparisonsOf = ({ title, app, platform }) => {
    const side = (variant, environment) => ({
      app,
      environment: { VARIANT: variant, ...(platform && { PLATFORM: platform }), ...environment },
    });
    return [
      {
        title: `${title}: a success`,
        target: 0.98,
        sides: { with: side("page", match), without: side("plain") },
        path: "/",
        expectation: { with: success, without: success },
      },
      {
        title: `${title}: the page / its own 500`,
        target: 1,
        sides: { with: side("page", mismatch), without: side("plain") },
        ...failing,
        expectation: { with: page(length), without: regularError },
      },
      {
        title: `${title}: the page / an error handler that sends a prepared 503`,
        target: 0.95,
        sides: { with: side("page", mismatch), without: side("handler", { PAGE_FILE: file }) },
        ...failing,
        expectation: { with: page(length), without: page(length) },
      },
    ];
  };

  const result = await compare(frameworks.flatMap(comparisonsOf), {
    ...options,
    pairs: Math.min(options.pairs, most.pairs),
    seconds: Math.min(options.seconds, most.seconds),
  });
  const note = `The page and the prepared 503 are the same ${length} bytes, the latter with four headers. All log an error as the framework does by itself: Koa, Hono, h3 and Nest to a file, Fastify not at all.`;
  return { ...result, notes: [...result.notes, note] };
}
