import { compare } from "../harness/comparison.js";
import { success } from "../harness/expectations.js";
import { prepareReleases } from "../harness/releases.js";

export const name = "success";
export const about = "A successful answer, with Intermission and without";

export async function measure(options) {
  const { match } = await prepareReleases(options.folder);
  const auto = ["--import", "intermission/auto"];
  const comparison = (title, target, subject, base) => ({
    title,
    target,
    sides: { with: subject, without: { app: base } },
    path: "/",
    expectation: { with: success, without: success },
  });
  return compare(
    [
      comparison("Express 5", 0.98, { app: "express-page", environment: match }, "express-plain"),
      comparison("node:http", 0.99, { app: "node-page", environment: match }, "node-plain"),
      comparison(
        "Express 5, --import intermission/auto",
        0.98,
        { app: "express-plain", nodeOptions: auto, environment: match },
        "express-plain",
      ),
      comparison(
        "node:http, --import intermission/auto",
        0.98,
        { app: "node-plain", nodeOptions: auto, environment: match },
        "node-plain",
      ),
    ],
    options,
  );
}
