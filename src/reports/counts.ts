import type { MaskedError } from "../core/settings/options.ts";
import { kindOf, type Kind } from "./kind.ts";
import { maximumKinds, type MaskedKind } from "./report.ts";

/** Counts masked errors by kind, in limited space. */
export interface Counts {
  /** Total over all kinds. */
  readonly total: number;
  /** @param at The store's time, in milliseconds since 1970. */
  add(masked: MaskedError, at: number): void;
  kinds(): readonly MaskedKind[];
}

/**
 * Merged kinds beyond {@link maximumKinds}, one for each of so many releases. Later ones share one without a
 * release.
 */
const maximumOthers = 20;

function isSame(one: Kind, other: Kind): boolean {
  return (
    one.route === other.route &&
    one.error === other.error &&
    one.code === other.code &&
    one.status === other.status &&
    one.release === other.release
  );
}

/** @param withRoutes Whether kinds are told apart by route. */
export function createCounts(withRoutes = true): Counts {
  type Counted = Kind & { count: number; firstAt: number; lastAt: number };
  const kinds = new Map<string, Counted>();
  const others = new Map<string | null, Counted>();
  let total = 0;
  // In a storm nearly all are of one kind: found without building a key.
  let latest: Counted | undefined;

  function find(kind: Kind, at: number): Counted {
    if (latest !== undefined && isSame(latest, kind)) return latest;
    // No part of a kind is empty or contains a line break.
    const key = `${kind.release ?? ""}\n${String(kind.status)}\n${kind.route ?? ""}\n${kind.error ?? ""}\n${kind.code ?? ""}`;
    const known = kinds.get(key);
    if (known !== undefined) return (latest = known);
    if (kinds.size < maximumKinds - 1) {
      const begun = { ...kind, count: 0, firstAt: at, lastAt: at };
      kinds.set(key, begun);
      return begun;
    }
    const release = others.has(kind.release) || others.size < maximumOthers ? kind.release : null;
    const other = others.get(release) ?? {
      ...{ release, status: null, route: null, error: null, code: null },
      ...{ count: 0, firstAt: at, lastAt: at },
    };
    others.set(release, other);
    return other;
  }

  return {
    get total() {
      return total;
    },
    add(masked, at) {
      const counted = find(kindOf(masked, withRoutes), at);
      counted.count++;
      counted.lastAt = at;
      total++;
    },
    kinds: () => [...kinds.values(), ...others.values()].map((kind) => ({ ...kind })),
  };
}
