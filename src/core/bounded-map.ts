/** A map that holds at most so many entries: the oldest makes room for a new one. */
export interface BoundedMap<Key, Value> {
  get(key: Key): Value | undefined;
  has(key: Key): boolean;
  /** Makes the entry the newest, even if its key was there before. */
  set(key: Key, value: Value): void;
  delete(key: Key): void;
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
  };
}

export interface RememberOptions {
  /** Answers that are kept. */
  readonly maximum: number;
  /** Characters. What is made of a longer text is not kept. */
  readonly longest: number;
}

/** A function of a text that keeps its latest answers. Few clients send most requests, with the same few headers. */
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
