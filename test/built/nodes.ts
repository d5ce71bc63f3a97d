import { execFileSync } from "node:child_process";

export interface NodeProgram {
  readonly path: string;
  readonly major: number;
  readonly minor: number;
}

export function toProgram(path: string): NodeProgram {
  const version = execFileSync(path, ["--version"], { encoding: "utf8" });
  const [major = 0, minor = 0] = version.slice(1).split(".").map(Number);
  return { path, major, minor };
}

/** The one that runs this. */
export const thisNode = toProgram(process.execPath);

/**
 * The Node versions that build and run apps: those listed by path in `BUILT_NODES`, else the one that runs
 * this.
 */
const nodes: readonly NodeProgram[] = process.env["BUILT_NODES"]?.split(":").map(toProgram) ?? [thisNode];

/** Those that a framework supports. None: it is not tested here. */
export function nodesFrom(major: number, minor = 0): readonly NodeProgram[] {
  return nodes.filter((node) => runs(node, major, minor));
}

/** Whether it is this version or newer. */
export function runs(node: NodeProgram, major: number, minor = 0): boolean {
  return node.major > major || (node.major === major && node.minor >= minor);
}
