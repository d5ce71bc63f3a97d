import { readFileSync } from "node:fs";

/** The page as one sends it without Intermission, with the four headers that one writes by hand. */
export const page = readFileSync(process.env.PAGE_FILE);
/** As text: Hono takes no numbers. */
export const headers = {
  "Content-Type": "text/html; charset=utf-8",
  "Content-Length": String(page.byteLength),
  "Retry-After": "60",
  "Cache-Control": "no-store",
};
