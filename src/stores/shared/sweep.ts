/** What is past its time is deleted in passing: with one put in so many … */
export const sweepEvery = 50;

/** … and so many at once, at the most: none of them takes long. */
export const sweepAtMost = 200;

export function oneIn(count: number): boolean {
  return Math.random() * count < 1;
}
