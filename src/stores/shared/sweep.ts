/** Every so many puts, expired entries are deleted along the way … */
export const sweepEvery = 50;

/** … at most this many at a time, so that no put takes long. */
export const sweepAtMost = 200;

export function oneIn(count: number): boolean {
  return Math.random() * count < 1;
}
