import type { EventTypeChange } from './event-type-change.js';
import { broken, harmless, type Judging, type Rule } from './schema-rule.js';
import { ANYTHING, itemsOf, type Node, ownOf, schemaAt } from './schema-view.js';

export const arrayRules: readonly Rule[] = [
  { about: ['array'], judge: items },
  { about: ['array'], judge: uniqueItems },
  { about: ['array'], judge: contains },
];

function items(before: Node, after: Node, judging: Judging): EventTypeChange[] {
  const [old, next] = [itemsOf(before), itemsOf(after)];
  const { maxItems } = ownOf(before);
  const most = typeof maxItems === 'number' ? maxItems : Number.POSITIVE_INFINITY;
  const rest = (of: typeof old) => of.rest ?? ANYTHING;
  const count = Math.min(most, Math.max(old.prefix.length, next.prefix.length));
  const each = Array.from({ length: count }, (_, i) =>
    judging.compare(old.prefix[i] ?? rest(old), next.prefix[i] ?? rest(next)),
  );
  const others = most > count ? judging.compare(rest(old), rest(next)) : [];
  return [...each.flat(), ...others];
}

function uniqueItems(before: Node, after: Node): EventTypeChange[] {
  const [old, next] = [before, after].map((node) => ownOf(node).uniqueItems === true);
  if (old === next) return [];
  return [
    next
      ? broken(after, 'uniqueItems', 'uniqueItems was added')
      : harmless(before, 'uniqueItems', 'uniqueItems was left out'),
  ];
}

/** Without `contains` the other two say nothing. */
function contains(before: Node, after: Node, judging: Judging): EventTypeChange[] {
  const [old, next] = [schemaAt(before, 'contains'), schemaAt(after, 'contains')];
  if (next === null) return old === null ? [] : [harmless(before, 'contains', 'contains was left out')];
  if (old === null) return [broken(after, 'contains', 'contains was added')];
  const [was, is] = [before, after].map((node) => {
    const { minContains = 1, maxContains = Number.POSITIVE_INFINITY } = ownOf(node);
    return { least: minContains as number, most: maxContains as number };
  });
  if (was!.least < is!.least) return [broken(after, 'minContains', 'more items have to be there')];
  if (was!.most > is!.most) return [broken(after, 'maxContains', 'fewer items may be there')];
  if (judging.same(old, next)) return [];
  const isWider = is!.most === Number.POSITIVE_INFINITY && judging.implies(old, next);
  return [
    isWider
      ? harmless(after, 'contains', 'contains takes more items')
      : broken(after, 'contains', 'contains counts other items than before'),
  ];
}
