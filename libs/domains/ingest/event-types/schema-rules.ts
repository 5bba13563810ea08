import { canonical } from './canonical.js';
import type { EventTypeChange } from './event-type-change.js';
import { FORMATS } from './json-schema-formats.js';
import { arrayRules } from './schema-array-rules.js';
import { objectRules } from './schema-object-rules.js';
import { broken, harmless, type Judging, type Rule } from './schema-rule.js';
import { branchesOf, type Kind, kindsOf, type Node, ownOf, schemaAt, valuesOf } from './schema-view.js';

const NUMBERS: readonly Kind[] = ['integer', 'fraction'];

/** Each keyword's rule. What stands in no rule refuses nothing. */
export const RULES: readonly Rule[] = [
  { judge: types },
  { judge: values },
  { about: NUMBERS, judge: (before, after) => bound(before, after, 'minimum', 'exclusiveMinimum', 1) },
  { about: NUMBERS, judge: (before, after) => bound(before, after, 'maximum', 'exclusiveMaximum', -1) },
  { about: NUMBERS, judge: multiples },
  atLeast('minLength', ['string']),
  atMost('maxLength', ['string']),
  { about: ['string'], judge: equalOnly('pattern', () => true) },
  { about: ['string'], judge: equalOnly('format', (format) => Object.hasOwn(FORMATS, String(format))) },
  atLeast('minItems', ['array']),
  atMost('maxItems', ['array']),
  atLeast('minProperties', ['object']),
  atMost('maxProperties', ['object']),
  ...arrayRules,
  ...objectRules,
  { judge: anyOf },
  { judge: oneOf },
  { judge: not },
  { judge: conditions },
];

function types(before: Node, after: Node): EventTypeChange[] {
  const [old, next] = [kindsOf(before), kindsOf(after)];
  const { type } = ownOf(after);
  if (type === undefined)
    return ownOf(before).type === undefined ? [] : [harmless(before, 'type', 'type was left out')];
  const listed = [type].flat();
  const taken = new Set(listed.flatMap((one) => (one === 'number' ? NUMBERS : [one as Kind])));
  const gone = [...old].filter((kind) => !taken.has(kind));
  if (gone.length > 0) return [broken(after, 'type', `${gone.map(nameOf).join(', ')} is not valid any more`)];
  const more = [...next].filter((kind) => !old.has(kind));
  return more.length === 0 ? [] : [harmless(after, 'type', `${more.map(nameOf).join(', ')} is valid, too`)];
}

function nameOf(kind: Kind): string {
  return kind === 'fraction' ? 'a number with a fraction' : kind;
}

function values(before: Node, after: Node): EventTypeChange[] {
  const keyword = Object.hasOwn(ownOf(after), 'const') ? 'const' : 'enum';
  const [old, next] = [valuesOf(before), valuesOf(after)];
  if (next === null) {
    const had = Object.hasOwn(ownOf(before), 'const') ? 'const' : 'enum';
    return old === null ? [] : [harmless(before, had, 'other values are valid, too')];
  }
  const was = old ?? fewOf(kindsOf(before));
  if (was === null) return [broken(after, keyword, 'only the listed values are valid now')];
  const known = new Set(next.map(canonical));
  const gone = was.filter((value) => !known.has(canonical(value)));
  if (gone.length > 0) {
    const shown = gone.slice(0, 5).map((value) => canonical(value).slice(0, 60));
    return [broken(after, keyword, `${shown.join(', ')}${gone.length > 5 ? ', …' : ''} is not valid any more`)];
  }
  return known.size > new Set(was.map(canonical)).size ? [harmless(after, keyword, 'there are more values')] : [];
}

function fewOf(kinds: ReadonlySet<Kind>): unknown[] | null {
  const few: Partial<Record<Kind, unknown[]>> = { null: [null], boolean: [true, false] };
  return [...kinds].every((kind) => kind in few) ? [...kinds].flatMap((kind) => few[kind]!) : null;
}

function numberAt(node: Node, keyword: string): number | undefined {
  const value = ownOf(node)[keyword];
  return typeof value === 'number' ? value : undefined;
}

/** `sign` is 1 for a lower bound and -1 for an upper one. */
function bound(before: Node, after: Node, inclusive: string, exclusive: string, sign: 1 | -1): EventTypeChange[] {
  const strictest = (node: Node) => {
    const ends = [
      { keyword: inclusive, value: numberAt(node, inclusive), open: 0 },
      { keyword: exclusive, value: numberAt(node, exclusive), open: 1 },
    ].filter((end) => end.value !== undefined) as { keyword: string; value: number; open: number }[];
    return ends.sort((a, b) => sign * (b.value - a.value) || b.open - a.open)[0];
  };
  const [old, next] = [strictest(before), strictest(after)];
  if (next === undefined)
    return old === undefined ? [] : [harmless(before, old.keyword, `${old.keyword} was left out`)];
  if (old === undefined) return [broken(after, next.keyword, `${next.keyword} ${next.value} was added`)];
  const tighter = sign * (next.value - old.value) || next.open - old.open;
  if (tighter === 0) return [];
  const reason = `${old.keyword} ${old.value} became ${next.keyword} ${next.value}`;
  return [tighter > 0 ? broken(after, next.keyword, reason) : harmless(after, next.keyword, reason)];
}

function multiples(before: Node, after: Node): EventTypeChange[] {
  const [old, next] = [numberAt(before, 'multipleOf'), numberAt(after, 'multipleOf')];
  if (old === next) return [];
  if (next === undefined) return [harmless(before, 'multipleOf', 'multipleOf was left out')];
  const reason = old === undefined ? `multipleOf ${next} was added` : `multipleOf ${old} became ${next}`;
  const fits = old !== undefined && Number.isSafeInteger(old) && Number.isSafeInteger(next) && old % next === 0;
  return [fits ? harmless(after, 'multipleOf', reason) : broken(after, 'multipleOf', reason)];
}

function atLeast(keyword: string, about: readonly Kind[]): Rule {
  return { about, judge: (before, after) => size(before, after, keyword, 0, 1) };
}

function atMost(keyword: string, about: readonly Kind[]): Rule {
  return { about, judge: (before, after) => size(before, after, keyword, Number.POSITIVE_INFINITY, -1) };
}

function size(before: Node, after: Node, keyword: string, none: number, sign: 1 | -1): EventTypeChange[] {
  const [old, next] = [numberAt(before, keyword) ?? none, numberAt(after, keyword) ?? none];
  if (old === next) return [];
  if (next === none) return [harmless(before, keyword, `${keyword} was left out`)];
  const reason = old === none ? `${keyword} ${next} was added` : `${keyword} ${old} became ${next}`;
  return [sign * (next - old) > 0 ? broken(after, keyword, reason) : harmless(after, keyword, reason)];
}

/** A keyword of which nothing can be judged but whether it is the same. */
function equalOnly(keyword: string, refuses: (value: unknown) => boolean): Rule['judge'] {
  return (before, after) => {
    const [old, next] = [ownOf(before)[keyword], ownOf(after)[keyword]];
    if (canonical(old) === canonical(next)) return [];
    if (next === undefined || !refuses(next)) return [harmless(before, keyword, `${keyword} was left out`)];
    if (old === undefined || !refuses(old)) return [broken(after, keyword, `${keyword} was added`)];
    return [broken(after, keyword, `${keyword} changed, and of two of them it cannot be judged which takes more`)];
  };
}

function anyOf(before: Node, after: Node, judging: Judging): EventTypeChange[] {
  return oneBranchOf(before, after, 'anyOf', judging);
}

function oneOf(before: Node, after: Node, judging: Judging): EventTypeChange[] {
  const branches = branchesOf(after, 'oneOf');
  if (branches.length === 0 || judging.areDisjoint(branches)) return oneBranchOf(before, after, 'oneOf', judging);
  const old = branchesOf(before, 'oneOf');
  const isSame = old.length === branches.length && old.every((one, i) => judging.same(one, branches[i]!));
  if (isSame) return [];
  const reason =
    'oneOf cannot be judged, unless its branches exclude each other by their types or by a required constant';
  return [broken(after, 'oneOf', reason)];
}

/** Each branch before has one that takes all of it. */
function oneBranchOf(before: Node, after: Node, keyword: 'anyOf' | 'oneOf', judging: Judging): EventTypeChange[] {
  const branches = branchesOf(after, keyword);
  const other = keyword === 'anyOf' ? 'oneOf' : 'anyOf';
  const had = [branchesOf(before, keyword), branchesOf(before, other)].find((list) => list.length > 0) ?? [];
  if (branches.length === 0) {
    const isGone = branchesOf(before, keyword).length > 0;
    return isGone ? [harmless(before, keyword, `${keyword} was left out`)] : [];
  }
  if (had.length === 0) {
    if (branches.some((branch) => judging.ownImplies(before, branch))) return [];
    return [broken(after, keyword, `${keyword} was added, and no branch of it takes all that was valid`)];
  }
  const changes = had.flatMap((one, i) => {
    const order = [...branches.slice(i, i + 1), ...branches.filter((_, j) => j !== i)];
    if (order.some((branch) => judging.ownImplies(before, branch))) return [];
    const found = order.map((branch) => judging.compare(one, branch));
    const best = found.find((list) => !list.some((change) => change.breaks));
    return best ?? [broken(after, keyword, `no branch takes all that ${one.at} took`), ...found[0]!];
  });
  const more = branches.length - had.length;
  return more > 0 ? [...changes, harmless(after, keyword, `there are ${more} more branches`)] : changes;
}

function not(before: Node, after: Node, judging: Judging): EventTypeChange[] {
  const [old, next] = [schemaAt(before, 'not'), schemaAt(after, 'not')];
  if (next === null) return old === null ? [] : [harmless(before, 'not', 'not was left out')];
  if (old === null) return [broken(after, 'not', 'not was added')];
  if (judging.same(old, next)) return [];
  if (judging.implies(next, old)) return [harmless(after, 'not', 'not refuses less')];
  return [broken(after, 'not', 'not refuses other values than before')];
}

function conditions(before: Node, after: Node, judging: Judging): EventTypeChange[] {
  const parts = ['if', 'then', 'else'] as const;
  const [old, next] = [before, after].map((node) => parts.map((keyword) => schemaAt(node, keyword)));
  const says = (of: (Node | null)[]) => of[0] !== null && (of[1] !== null || of[2] !== null);
  if (!says(next!)) return says(old!) ? [harmless(before, 'if', 'if was left out')] : [];
  const isSame = parts.every((_, i) => {
    const [one, other] = [old![i]!, next![i]!];
    return one === null || other === null ? one === other : judging.same(one, other);
  });
  return isSame ? [] : [broken(after, 'if', 'if, then and else cannot be judged, unless they stay the same')];
}
