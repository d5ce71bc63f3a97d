import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** What a process uses. */
export interface Footprint {
  readonly sockets: number;
  /** Resident memory, in MB. */
  readonly memory: number;
}

/** Linux only. */
export function footprintOf(pid: number): Footprint {
  const folder = `/proc/${String(pid)}`;
  const sockets = readdirSync(`${folder}/fd`).filter((name) => {
    try {
      return readlinkSync(`${folder}/fd/${name}`).startsWith("socket:");
    } catch {
      // Closed between listing and reading.
      return false;
    }
  }).length;
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`${folder}/status`, "utf8"))?.[1];
  return { sockets, memory: Number(kilobytes) / 1024 };
}

/** A process and all its descendants. Linux only. */
export function familyOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, "utf8").trim();
  return [
    pid,
    ...text
      .split(" ")
      .filter(Boolean)
      .flatMap((child) => familyOf(Number(child))),
  ];
}
