import { fingerprintOf, type Transition } from "./recording-store.js";
import type { History, Read, Result, Write } from "./history.ts";

/** The newest releases that a record keeps. */
const historyLimit = 200;

/**
 * What is wrong with a history, in words; nothing, if all of it can be explained by one record that is read and written
 * one call after the other, each at some moment between its begin and its end (linearizability: Herlihy and Wing, 1990).
 *
 * Versions make that cheap to check: they say in which order the calls must have taken effect, so it is enough that no
 * call began after another one had ended and yet took effect before it. The releases of each version are replayed by a
 * model of their own.
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

/** The write that made each version, as far as it was acknowledged or its value was seen. */
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

/** Nothing that begins after something has ended may take effect before it. */
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

/** A write is refused because another one was first: one that had begun by then. */
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

/** The releases of a version, the oldest first. */
type Model = readonly string[];

/** Undefined: nothing is to be written. */
function apply(releases: Model, { verb, id }: Transition): Model | undefined {
  const target = verb === "rollback" && id === undefined ? releases.at(-2) : id;
  if (target === undefined || target === releases.at(-1)) return undefined;
  if (releases.includes(target) !== (verb === "rollback")) return undefined;
  return [...releases.filter((release) => release !== target), target].slice(-historyLimit);
}

/** The releases of each version, as the model has them. */
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
