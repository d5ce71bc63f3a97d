import { fingerprintOf, type Transition } from "./recording-store.js";
import type { History, Read, Result, Write } from "./history.ts";

/** How many of the newest releases a record keeps. */
const historyLimit = 200;

/**
 * The violations in a history, in words. None if one record, read and written one call at a time, each at
 * some moment between its begin and end, explains all of it (linearizability: Herlihy and Wing, 1990).
 *
 * Versions make that cheap to check, because they give the order in which calls took effect: no call may
 * begin after another has ended and yet take effect before it. A separate model replays the releases of each
 * version.
 */
export function checkHistory(history: History): readonly string[] {
  const violations: string[] = [...history.defects];
  const chain = findChain(history, violations);
  checkOrder(history, chain, violations);
  checkRefusals(history, violations);
  const models = replay(history, chain, violations);
  for (const result of history.results) checkResult(result, models, violations);
  return violations;
}

/** The write that made each version, if it was acknowledged or its value was seen. */
type Chain = ReadonlyMap<number, Write>;

function findChain({ writes, reads }: History, violations: string[]): Chain {
  const byMark = new Map(writes.map((write) => [write.mark, write]));
  const chain = new Map<number, Write>();

  const claim = (version: number, write: Write): void => {
    const other = chain.get(version);
    if (other === undefined) chain.set(version, write);
    else if (other !== write)
      violations.push(`lost update: ${other.name} and ${write.name} both made version ${String(version)}`);
  };

  for (const write of writes) if (write.outcome === "written") claim(write.expected + 1, write);
  for (const { name, version, value } of reads) {
    if (value === undefined) continue;
    const write = byMark.get(value.mark);
    const seen = `${name} read version ${String(version)} of ${write?.name ?? value.mark}`;
    if (write === undefined) violations.push(`from nowhere: ${seen}, which nobody wrote`);
    else if (write.outcome === "refused") violations.push(`refused and yet written: ${seen}`);
    else if (write.expected + 1 !== version)
      violations.push(`wrong version: ${seen}, which was to be ${String(write.expected + 1)}`);
    else if (write.fingerprint !== value.fingerprint)
      violations.push(`torn value: ${seen}, with other releases`);
    else claim(version, write);
  }
  return chain;
}

/** What begins after something has ended must not take effect before it. */
function checkOrder({ reads }: History, chain: Chain, violations: string[]): void {
  const made = [...chain].map(([version, write]) => ({
    ...write,
    version,
    // An unknown write may have been done long after it failed.
    ended: write.outcome === "written" ? write.ended : Number.POSITIVE_INFINITY,
  }));
  const calls: readonly (Read | (Write & { readonly version: number }))[] = [...reads, ...made];
  const byEnd = calls.filter(({ ended }) => Number.isFinite(ended)).sort((a, b) => a.ended - b.ended);
  const byBegin = [...calls].sort((a, b) => a.begun - b.begun);
  let newest: { readonly name: string; readonly version: number; readonly kind: string } | undefined;
  let next = 0;
  for (const call of byBegin) {
    for (let ended = byEnd[next]; ended !== undefined && ended.ended < call.begun; ended = byEnd[++next]) {
      if (newest === undefined || ended.version > newest.version) newest = ended;
    }
    if (newest === undefined) continue;
    const known = `${newest.name} had ${newest.kind === "write" ? "written" : "read"} version ${String(newest.version)}`;
    if (call.kind === "read" && call.version < newest.version)
      violations.push(`stale read: ${call.name} read version ${String(call.version)} after ${known}`);
    if (call.kind === "write" && call.version <= newest.version)
      violations.push(`version went back: ${call.name} wrote version ${String(call.version)} after ${known}`);
  }
}

/** A write is refused because another was first, so that one must have begun by then. */
function checkRefusals({ writes }: History, violations: string[]): void {
  const firstBegun = new Map<number, number>();
  for (const { expected, begun, outcome } of writes) {
    if (outcome !== "refused")
      firstBegun.set(expected, Math.min(begun, firstBegun.get(expected) ?? Number.POSITIVE_INFINITY));
  }
  for (const { name, expected, ended, outcome } of writes) {
    if (outcome === "refused" && (firstBegun.get(expected) ?? Number.POSITIVE_INFINITY) > ended)
      violations.push(`refused for nothing: ${name}, on version ${String(expected)}`);
  }
}

/** The releases of a version, oldest first. */
type Model = readonly string[];

/** Undefined: nothing to write. */
function apply(releases: Model, { verb, id }: Transition): Model | undefined {
  const target = verb === "rollback" && id === undefined ? releases.at(-2) : id;
  if (target === undefined || target === releases.at(-1)) return undefined;
  if (releases.includes(target) !== (verb === "rollback")) return undefined;
  return [...releases.filter((release) => release !== target), target].slice(-historyLimit);
}

/** The releases of each version, according to the model. */
function replay({ reads }: History, chain: Chain, violations: string[]): readonly Model[] {
  const newest = Math.max(0, ...chain.keys(), ...new Set(reads.map(({ version }) => version)));
  const models: Model[] = [[]];
  for (let version = 1; version <= newest; version++) {
    const write = chain.get(version);
    if (write === undefined) {
      violations.push(`missing link: nobody wrote version ${String(version)} of ${String(newest)}`);
      return models;
    }
    const releases = apply(models[version - 1] ?? [], write.transition);
    if (releases === undefined || fingerprintOf(releases) !== write.fingerprint) {
      violations.push(`wrong releases: ${write.name} at version ${String(version)}`);
      return models;
    }
    models.push(releases);
  }
  return models;
}

function checkResult(result: Result, models: readonly Model[], violations: string[]): void {
  const { name, outcome, transition, previous, version } = result;
  const wrote = outcome === "recorded" || outcome === "rolled-back";
  const after = models[version];
  const before = models[wrote ? version - 1 : version];
  if (after === undefined || before === undefined) return;
  if (!explains()) violations.push(`wrong result: ${name} was told ${outcome} at version ${String(version)}`);

  function explains(): boolean {
    if (after === undefined || before === undefined) return true;
    const { verb, id } = transition;
    const current = before.at(-1) ?? null;
    if (wrote) return apply(before, transition)?.at(-1) === after.at(-1) && previous === current;
    if (outcome === "known") return verb === "create" && id !== undefined && before.slice(0, -1).includes(id);
    return current === id && previous === (verb === "create" ? (before.at(-2) ?? null) : current);
  }
}
