import { nodesFrom, runs, type NodeProgram } from "./nodes.ts";

/** A major version of a framework. Several are tested with one app. */
export interface Major {
  readonly major: number;
  /** What an app of it installs: exact versions. */
  readonly packages: Readonly<Record<string, string>>;
  /** The first version of Node that it runs on. */
  readonly from: readonly [major: number, minor: number];
}

/** Of those that a Node runs, the newest, and with `BUILT_ALL=1` all. */
export function majorsOn<Any extends Major>(node: NodeProgram, newestFirst: readonly Any[]): readonly Any[] {
  const run = newestFirst.filter(({ from: [major, minor] }) => runs(node, major, minor));
  return process.env["BUILT_ALL"] === "1" ? run : run.slice(0, 1);
}

/** The same with each Node that apps are built on. */
export function majorsOnNodes<Any extends Major>(
  newestFirst: readonly Any[],
): readonly (Any & { readonly node: NodeProgram })[] {
  return newestFirst.flatMap((major) =>
    nodesFrom(0)
      .filter((node) => majorsOn(node, newestFirst).includes(major))
      .map((node) => ({ ...major, node })),
  );
}
