import { createIntermission } from "intermission";
import { compare } from "../harness/comparison.js";
import { page } from "../harness/expectations.js";
import { writePage } from "../harness/prepared-page.js";
import { prepareReleases } from "../harness/releases.js";
import { browserHeaders } from "../harness/wrk.js";

export const name = "closed";
export const about = "The page of a closed site, next to a prepared 503 in the same framework";

export async function measure(options) {
  const { match } = await prepareReleases(options.folder);
  await close(match);
  const { file, length } = await writePage(options.folder);
  const comparison = (framework) => ({
    title: `${framework === "node" ? "node:http" : "Express 5"}: a closed site / a prepared 503`,
    target: 0.95,
    sides: {
      with: { app: `${framework}-page`, environment: match },
      without: { app: `${framework}-prepared`, environment: { PAGE_FILE: file } },
    },
    path: "/",
    request: { headers: browserHeaders, failing: true },
    expectation: { with: page(length), without: page(length) },
  });
  const result = await compare([comparison("express"), comparison("node")], options);
  const note = `The page and the prepared 503 are the same ${length} bytes.`;
  return { ...result, notes: [...result.notes, note] };
}

async function close({ MAINTENANCE_STORE: store }) {
  const intermission = createIntermission({ store, release: "v1.1", refreshEvery: 0 });
  await intermission.switchOn({ mode: "closed", wait: false });
  await intermission.close();
}
