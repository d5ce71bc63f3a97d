/** Events in one step of time. */
export interface Step {
  /** When the step began: the store's time, in milliseconds since 1970. */
  readonly at: number;
  readonly count: number;
}

/** Counts events by time, in limited space. */
export interface Steps {
  /** @param at The store's time, in milliseconds since 1970. */
  add(at: number): void;
  /** As a report keeps them. */
  encode(): readonly number[];
}

/** Instances report about as often. Milliseconds. */
export const stepLength = 15_000;

/** An instance keeps its newest steps with an event: an hour, if there is one in each. */
export const maximumSteps = 240;

export function createSteps(): Steps {
  const steps: { index: number; count: number }[] = [];
  return {
    add(at) {
      const index = Math.floor(at / stepLength);
      const last = steps.at(-1);
      // The store's clock may be set back: time only goes on here.
      if (last !== undefined && index <= last.index) {
        last.count++;
        return;
      }
      steps.push({ index, count: 1 });
      if (steps.length > maximumSteps) steps.shift();
    },
    // Each as its distance to the one before, and its count: a few bytes a step.
    encode: () =>
      steps.flatMap(({ index, count }, position) => [index - (steps[position - 1]?.index ?? 0), count]),
  };
}

/** Reads what {@link Steps.encode} made, or anybody else. Oldest first. */
export function decodeSteps(value: unknown): readonly Step[] {
  if (!Array.isArray(value) || value.length > 2 * maximumSteps) return [];
  const numbers: readonly unknown[] = value;
  const steps: Step[] = [];
  let index = 0;
  for (let position = 0; position + 1 < numbers.length; position += 2) {
    const [distance, count] = [numbers[position], numbers[position + 1]];
    if (!isCount(distance) || !isCount(count)) return [];
    index += distance;
    // The last day that `Date` knows: ECMA-262, section 21.4.1.1.
    if (index * stepLength > 8.64e15) return [];
    steps.push({ at: index * stepLength, count });
  }
  return steps;
}

/** Adds up the steps of many instances. Oldest first. */
export function sumSteps(all: Iterable<readonly Step[]>): readonly Step[] {
  const counts = new Map<number, number>();
  for (const steps of all) for (const { at, count } of steps) counts.set(at, (counts.get(at) ?? 0) + count);
  return [...counts].map(([at, count]) => ({ at, count })).sort((a, b) => a.at - b.at);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}
