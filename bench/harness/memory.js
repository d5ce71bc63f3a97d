import { readFileSync } from "node:fs";

/**
 * Bytes of physical memory: all that a process sees (`resident`), and what it shares with no other (`own`).
 */
export function processMemory(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const bytes = (field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text)?.[1]) * 1024;
  return { resident: bytes("Rss"), own: bytes("Private_Clean") + bytes("Private_Dirty") };
}
