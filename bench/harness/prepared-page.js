import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createIntermission, memoryStore } from "intermission";
import { browserHeaders } from "./wrk.js";

/** The page that a browser gets, for those who send it without Intermission. */
export async function writePage(folder) {
  const intermission = createIntermission({ store: memoryStore(), release: "v1.0", refreshEvery: 0 });
  await intermission.ready();
  const { body } = intermission.page({
    method: "GET",
    accept: browserHeaders.Accept,
    acceptLanguage: browserHeaders["Accept-Language"],
    fetchDestination: browserHeaders["Sec-Fetch-Dest"],
  });
  await intermission.close();
  const file = join(folder, "page.html");
  await writeFile(file, body);
  return { file, length: body.byteLength };
}
