import { compare } from "../harness/comparison.js";
import { success } from "../harness/expectations.js";

export const name = "noise";
export const about = "The same server twice, both without Intermission: what differs is the machine's noise";

export function measure(options) {
  return compare(
    ["express-plain", "node-plain"].map((app) => ({
      title: `${app === "express-plain" ? "Express 5" : "node:http"}, twice the same`,
      sides: { with: { app }, without: { app } },
      path: "/",
      expectation: { with: success, without: success },
    })),
    options,
  );
}
