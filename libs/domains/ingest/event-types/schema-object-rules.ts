import type { EventTypeChange } from './event-type-change.js';
import { pointer } from './schema-keywords.js';
import { broken, harmless, type Judging, type Rule } from './schema-rule.js';
import {
  ANYTHING,
  dependentNamesOf,
  dependentSchemasOf,
  mapOf,
  type Node,
  ownOf,
  schemaAt,
  schemaOf,
} from './schema-view.js';

export const objectRules: readonly Rule[] = [
  { about: ['object'], judge: required },
  { about: ['object'], judge: properties },
  { about: ['object'], judge: propertyNames },
  { about: ['object'], judge: dependentNames },
  { about: ['object'], judge: dependentSchemas },
];

function requiredOf(node: Node): string[] {
  const names = ownOf(node).required;
  return Array.isArray(names) ? names : [];
}

function required(before: Node, after: Node): EventTypeChange[] {
  const [old, next] = [new Set(requiredOf(before)), new Set(requiredOf(after))];
  return [
    ...[...next]
      .filter((name) => !old.has(name))
      .map((name) => broken(after, 'required', `${name} has to be there now`)),
    ...[...old].filter((name) => !next.has(name)).map((name) => harmless(after, 'required', `${name} may be missing`)),
  ];
}

/** What holds for the values of names: `properties`, `patternProperties`, and `additionalProperties` for all others. */
class Members {
  readonly named: ReadonlyMap<string, Node>;
  readonly patterned: ReadonlyMap<string, Node>;
  readonly others: Node;

  constructor(
    node: Node,
    private readonly judging: Judging,
  ) {
    this.named = mapOf(node, 'properties');
    this.patterned = mapOf(node, 'patternProperties');
    this.others = schemaAt(node, 'additionalProperties') ?? ANYTHING;
  }

  /** All that a name's value has to be right by. */
  of(name: string): Node[] {
    const matching = [...this.patterned]
      .filter(([pattern]) => this.judging.matches(pattern, name))
      .map(([, node]) => node);
    const named = this.named.get(name);
    const nodes = named === undefined ? matching : [named, ...matching];
    return nodes.length > 0 ? nodes : [this.others];
  }
}

function properties(before: Node, after: Node, judging: Judging): EventTypeChange[] {
  const [old, next] = [new Members(before, judging), new Members(after, judging)];
  const changes: EventTypeChange[] = [];
  for (const name of new Set([...old.named.keys(), ...next.named.keys()])) {
    const had = old.of(name);
    const found = next.of(name).flatMap((wanted) => oneOfThose(had, wanted, judging));
    changes.push(...(found.some((change) => change.breaks) ? told(name, old, next, after, found) : found));
    if (!old.named.has(name) && !found.some((change) => change.breaks)) {
      changes.push(harmless(after, 'properties', `${name} may be there`));
    }
    if (!next.named.has(name) && !found.some((change) => change.breaks)) {
      changes.push(harmless(after, 'properties', `${name} is not described any more`));
    }
  }
  for (const [pattern, wanted] of next.patterned) {
    const had = old.patterned.get(pattern);
    if (had !== undefined) changes.push(...judging.compare(had, wanted));
    else if (old.patterned.size === 0) changes.push(...judging.compare(old.others, wanted));
    else changes.push(broken(after, 'patternProperties', `${pattern} was added, which cannot be judged beside others`));
  }
  const isCovered = [...old.patterned.keys()].every((pattern) => next.patterned.has(pattern));
  if (schemaOf(next.others) === true) return changes;
  if (!isCovered)
    changes.push(broken(after, 'patternProperties', 'a pattern was left out, and other names are refused or typed'));
  return [...changes, ...closing(old, next, after, judging)];
}

function closing(old: Members, next: Members, after: Node, judging: Judging): EventTypeChange[] {
  if (schemaOf(next.others) === false && schemaOf(old.others) !== false) {
    return [broken(after, 'additionalProperties', 'names that are not described could be there, and may not any more')];
  }
  return judging.compare(old.others, next.others);
}

/** A property that could be anything before is typed now: the reason says what to do about it. */
function told(name: string, old: Members, next: Members, after: Node, found: EventTypeChange[]): EventTypeChange[] {
  if (schemaOf(old.others) === true && old.of(name)[0] === old.others) {
    const reason = `${name} could be anything before; only a schema with additionalProperties: false can be added to`;
    return [{ place: next.named.get(name)?.at ?? after.at, breaks: true, reason }];
  }
  if (!next.named.has(name) && schemaOf(next.others) === false && next.of(name)[0] === next.others) {
    const reason = `${name} may not be there any more`;
    return [{ place: `${after.at}/properties${pointer(name)}`, breaks: true, reason }];
  }
  return found;
}

/** What was valid was right by all of the first; by one of them it has to be right by the second. */
function oneOfThose(had: readonly Node[], wanted: Node, judging: Judging): EventTypeChange[] {
  const found = had.map((one) => judging.compare(one, wanted));
  return found.find((changes) => !changes.some((change) => change.breaks)) ?? found[0]!;
}

function propertyNames(before: Node, after: Node, judging: Judging): EventTypeChange[] {
  const [old, next] = [schemaAt(before, 'propertyNames'), schemaAt(after, 'propertyNames')];
  if (next === null) return old === null ? [] : [harmless(before, 'propertyNames', 'propertyNames was left out')];
  if (old === null) return [broken(after, 'propertyNames', 'propertyNames was added')];
  return judging.compare(old, next);
}

function dependentNames(before: Node, after: Node): EventTypeChange[] {
  const [old, next] = [dependentNamesOf(before), dependentNamesOf(after)];
  const always = new Set(requiredOf(before));
  return [...next].flatMap(([name, wanted]) => {
    const had = new Set(old.get(name));
    return wanted
      .filter((one) => !had.has(one) && !always.has(one))
      .map((one) => broken(after, 'dependentRequired', `with ${name}, ${one} has to be there now`));
  });
}

function dependentSchemas(before: Node, after: Node, judging: Judging): EventTypeChange[] {
  const [old, next] = [dependentSchemasOf(before), dependentSchemasOf(after)];
  return [...next].flatMap(([name, wanted]) => {
    const had = old.get(name);
    if (had !== undefined) return judging.compare(had, wanted);
    if (judging.ownImplies(before, wanted)) return [];
    return [{ place: wanted.at, breaks: true, reason: `with ${name}, more is asked for now` }];
  });
}
