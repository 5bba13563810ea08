/**
 * Whether two values of JSON are the same, whatever their objects' names are and in whatever order they stand. `look` is told of
 * how many names are looked at: to list those of a large object takes milliseconds.
 */
export function isEqualJson(one: unknown, other: unknown, look: (names: number) => void): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
    return one.every((item, i) => {
      look(1);
      return isEqualJson(item, other[i], look);
    });
  }
  const names = Object.keys(one);
  look(names.length);
  if (names.length !== Object.keys(other).length) return false;
  return names.every(
    (name) =>
      Object.hasOwn(other, name) &&
      isEqualJson((one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name], look),
  );
}
