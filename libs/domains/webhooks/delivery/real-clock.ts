export interface Clock {
  /** Never goes back; ms. */
  now(): number;
  /** Returns the way to take it back. */
  after(ms: number, callback: () => void): () => void;
}

/** Goes on as it did, whatever is done to the machine's time. */
export function now(): number {
  return performance.now();
}

export function after(ms: number, callback: () => void): () => void {
  if (ms <= 0) {
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  }
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}
