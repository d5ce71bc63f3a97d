import { nodesFrom, runs, type NodeProgram } from "./nodes.ts";

/** A major version of a framework. One app tests several. */
export interface Major {
  readonly major: number;
  /** What its app installs: exact versions. */
  readonly packages: Readonly<Record<string, string>>;
  /** The first version of Node that it supports. */
  readonly from: readonly [major: number, minor: number];
}

/** The newest that a Node supports, or all with `BUILT_ALL=1`. */
export function majorsOn<Any extends Major>(node: NodeProgram, newestFirst: readonly Any[]): readonly Any[] {
  const run = newestFirst.filter(({ from: [major, minor] }) => runs(node, major, minor));
  return process.env["BUILT_ALL"] === "1" ? run : run.slice(0, 1);
}

/** The same for each Node on which apps are built. */
export function majorsOnNodes<Any extends Major>(
  newestFirst: readonly Any[],
): readonly (Any & { readonly node: NodeProgram })[] {
  return newestFirst.flatMap((major) =>
    nodesFrom(0)
      .filter((node) => majorsOn(node, newestFirst).includes(major))
      .map((node) => ({ ...major, node })),
  );
}
