import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createIntermission, memoryStore } from "intermission";
import { browserHeaders } from "./wrk.js";

/**
 * The page that a browser gets, for serving it without Intermission: its body and, separately, its header.
 */
export async function writePage(folder) {
  const intermission = createIntermission({ store: memoryStore(), release: "v1.0", refreshEvery: 0 });
  await intermission.ready();
  const visit = {
    method: "GET",
    accept: browserHeaders.Accept,
    acceptLanguage: browserHeaders["Accept-Language"],
    fetchDestination: browserHeaders["Sec-Fetch-Dest"],
  };
  const plain = intermission.page(visit);
  const { headers, body } = intermission.page({
    ...visit,
    acceptEncoding: browserHeaders["Accept-Encoding"],
  });
  await intermission.close();
  const file = join(folder, "page.html");
  await writeFile(file, body);
  // As strings: Hono accepts no numbers.
  const whole = { ...headers, "content-length": String(body.byteLength) };
  await writeFile(`${file}.json`, JSON.stringify(whole));
  // The length after decoding, as a client sees it.
  return { file, length: plain.body.byteLength };
}
