/** ms, from whenever; never goes back, whatever is done to the machine's time. */
export function now(): number {
  return performance.now();
}

/** Returns the way to take it back. */
export function after(ms: number, callback: () => void): () => void {
  if (ms <= 0) {
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  }
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}
