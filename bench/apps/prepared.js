import { readFileSync } from "node:fs";

/** The page to the last byte, as sent without Intermission. */
export const page = readFileSync(process.env.PAGE_FILE);
export const headers = JSON.parse(readFileSync(`${process.env.PAGE_FILE}.json`, "utf8"));
