import { canonical } from './canonical.js';
import { childOf, conjunctsOf, kindsOf, mapOf, type Node, ownOf, valuesOf } from './schema-view.js';

/**
 * Whether it is certain that no value is right by both: they take other kinds of values, or list others, or both ask for a property
 * that lists others. `look` is told of each two places that are looked at.
 */
export function areDisjoint(one: Node, other: Node, look: (a: Node, b: Node) => void): boolean {
  return conjunctsOf(one).some((a) => conjunctsOf(other).some((b) => exclude(a, b, look)));
}

function exclude(a: Node, b: Node, look: (a: Node, b: Node) => void): boolean {
  look(a, b);
  const [kinds, others] = [kindsOf(a), kindsOf(b)];
  const shared = [...kinds].filter((kind) => others.has(kind));
  if (shared.length === 0 || listOthers(a, b)) return true;
  if (shared.some((kind) => kind !== 'object')) return false;
  const asked = new Set(requiredOf(b));
  return requiredOf(a).some((name) => {
    if (!asked.has(name) || !mapOf(a, 'properties').has(name) || !mapOf(b, 'properties').has(name)) return false;
    const [ours, theirs] = [childOf(a, 'properties', name), childOf(b, 'properties', name)];
    return conjunctsOf(ours).some((x) =>
      conjunctsOf(theirs).some((y) => {
        look(x, y);
        return listOthers(x, y);
      }),
    );
  });
}

function listOthers(a: Node, b: Node): boolean {
  const [ours, theirs] = [valuesOf(a), valuesOf(b)];
  if (ours === null || theirs === null) return false;
  const known = new Set(theirs.map(canonical));
  return ours.every((value) => !known.has(canonical(value)));
}

function requiredOf(node: Node): string[] {
  const { required } = ownOf(node);
  return Array.isArray(required) ? required : [];
}
