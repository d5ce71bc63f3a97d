import { compare } from "../harness/comparison.js";
import { page, regularError } from "../harness/expectations.js";
import { writePage } from "../harness/prepared-page.js";
import { prepareReleases } from "../harness/releases.js";
import { browserHeaders } from "../harness/wrk.js";

export const name = "masked-error";
export const about =
  "A server error that becomes the page, next to what the app would send without Intermission";

export async function measure(options) {
  const { mismatch } = await prepareReleases(options.folder);
  const { file, length } = await writePage(options.folder);
  const prepared = { PAGE_FILE: file };
  const comparison = (title, target, app, against, expectation) => ({
    title,
    target,
    sides: { with: { app, environment: mismatch }, without: against },
    path: "/broken",
    request: { headers: browserHeaders, failing: true },
    expectation: { with: page(length), without: expectation },
  });
  const result = await compare(
    [
      comparison(
        "Express 5: the page / Express's own 500",
        1,
        "express-page",
        { app: "express-plain" },
        regularError,
      ),
      comparison(
        "Express 5: the page / an error handler that logs and sends a prepared 503",
        0.95,
        "express-page",
        { app: "express-handler", environment: prepared },
        page(length),
      ),
      comparison(
        "node:http: the page / the app's own short 500",
        undefined,
        "node-page",
        { app: "node-plain" },
        regularError,
      ),
      comparison(
        "node:http: the page / a prepared 503",
        undefined,
        "node-page",
        { app: "node-prepared", environment: prepared },
        page(length),
      ),
    ],
    options,
  );
  const notes = [
    ...result.notes,
    `The page and the prepared 503 are the same ${length} bytes, the latter with four headers. Express logs each error to a file, and so does the handler.`,
  ];
  return { ...result, notes };
}
