/**
 * Where a chain of pointers ends that begins with an id. Of a ring it is the least of its members: everybody who gets into
 * the ring ends there, wherever they began.
 */
export function endOfChain(from: string, next: ReadonlyMap<string, string>): string {
  const passed: string[] = [];
  const seen = new Set<string>();
  for (let id = from; ; ) {
    if (seen.has(id)) return passed.slice(passed.indexOf(id)).sort()[0]!;
    seen.add(id);
    passed.push(id);
    const following = next.get(id);
    if (following === undefined) return id;
    id = following;
  }
}
