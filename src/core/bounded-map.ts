/** A map of limited size: a new entry pushes out the oldest. */
export interface BoundedMap<Key, Value> {
  get(key: Key): Value | undefined;
  has(key: Key): boolean;
  /** The entry becomes the newest even if its key exists. */
  set(key: Key, value: Value): void;
  delete(key: Key): void;
  /** The oldest first. */
  entries(): Iterable<readonly [Key, Value]>;
}

export function boundedMap<Key, Value>(maximum: number): BoundedMap<Key, Value> {
  const entries = new Map<Key, Value>();
  return {
    get: (key) => entries.get(key),
    has: (key) => entries.has(key),
    set(key, value) {
      entries.delete(key);
      const [oldest] = entries.size < maximum ? [] : entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
      entries.set(key, value);
    },
    delete(key) {
      entries.delete(key);
    },
    entries: () => entries.entries(),
  };
}

export interface RememberOptions {
  /** How many answers are kept. */
  readonly maximum: number;
  /** Characters. Answers for longer texts are not kept. */
  readonly longest: number;
}

/** Caches a function's latest answers. Most requests come from few clients, with the same few headers. */
export function remember<Value>(
  make: (text: string) => Value,
  { maximum, longest }: RememberOptions,
): (text: string) => Value {
  const known = boundedMap<string, { readonly value: Value }>(maximum);
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found.value;
    const value = make(text);
    if (text.length <= longest) known.set(text, { value });
    return value;
  };
}
