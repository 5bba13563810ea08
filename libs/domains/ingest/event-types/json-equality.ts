/** Whether two values of JSON are the same, whatever their objects' names are and in whatever order they stand. */
export function isEqualJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  if (names.length !== Object.keys(other).length) return false;
  return names.every(
    (name) =>
      Object.hasOwn(other, name) &&
      isEqualJson((one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name]),
  );
}
