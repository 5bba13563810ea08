import type { EventTypeChange } from './event-type-change.js';
import type { JsonSchemaDocument } from './json-schema.js';
import type { LinearPattern } from './linear-pattern.js';
import { areDisjoint } from './schema-disjointness.js';
import { holdsSchemas } from './schema-keywords.js';
import type { Judging } from './schema-rule.js';
import { RULES } from './schema-rules.js';
import { isSame } from './schema-sameness.js';
import { branchesOf, conjunctsOf, kindsOf, type Node, ownOf, schemaOf } from './schema-view.js';

/** About 0.1 s; nothing else is done meanwhile. */
const MOST_STEPS = 10_000;
/** So many characters of what a place says are a step, and so many names that are held against a pattern. */
const CHARACTERS_A_STEP = 32;
const NAMES_A_STEP = 10;
const MOST_CHANGES = 200;

/**
 * What a new version of a JSON Schema changes. Where none of it breaks, whatever was right by the schema before is right by the new
 * one. Each keyword has a rule (`RULES`) that knows no values: what it cannot follow, it calls a break, and says so.
 */
export function judgeJsonSchema(before: JsonSchemaDocument, after: JsonSchemaDocument): EventTypeChange[] {
  try {
    return distinct(new Judge(before, after).compare({ doc: before, at: '' }, { doc: after, at: '' }));
  } catch (error) {
    if (!(error instanceof TooLarge) && !(error instanceof RangeError)) throw error;
    return [{ place: '', breaks: true, reason: 'the two schemas are too large to be compared' }];
  }
}

/** What breaks comes first. */
function distinct(changes: readonly EventTypeChange[]): EventTypeChange[] {
  const byText = new Map(changes.map((change) => [JSON.stringify(change), change]));
  return [...byText.values()].sort((a, b) => Number(b.breaks) - Number(a.breaks)).slice(0, MOST_CHANGES);
}

class TooLarge extends Error {}

class Judge implements Judging {
  private readonly inProgress = new Set<string>();
  private readonly documents = new Map<JsonSchemaDocument, number>();
  private readonly patterns: ReadonlyMap<string, LinearPattern>;
  private readonly weights = new WeakMap<object, number>();
  private readonly look = (...nodes: Node[]): void => this.step(...nodes);
  private steps = 0;

  constructor(before: JsonSchemaDocument, after: JsonSchemaDocument) {
    this.patterns = new Map([...before.patterns, ...after.patterns]);
  }

  compare(before: Node, after: Node): EventTypeChange[] {
    this.step();
    const [old, next] = [schemaOf(before), schemaOf(after)];
    if (old === false || next === true) return [];
    if (next === false) return [{ place: after.at, breaks: true, reason: 'nothing is valid here any more' }];
    // What comes back to a pair is about a smaller part of the data, which has an end.
    const pair = `${this.nameOf(before)} ${this.nameOf(after)}`;
    if (this.inProgress.has(pair)) return [];
    this.inProgress.add(pair);
    try {
      return this.wholes(before, after);
    } finally {
      this.inProgress.delete(pair);
    }
  }

  implies(before: Node, after: Node): boolean {
    return !breaksIn(this.compare(before, after));
  }

  ownImplies(before: Node, after: Node): boolean {
    return conjunctsOf(after).every((wanted) => !breaksIn(this.rules(before, wanted)));
  }

  same(before: Node, after: Node): boolean {
    return isSame(before, after, this.look);
  }

  areDisjoint(nodes: readonly Node[]): boolean {
    return nodes.every((one, i) => nodes.slice(i + 1).every((other) => areDisjoint(one, other, this.look)));
  }

  matches(pattern: string, name: string): boolean {
    this.spend(1 / NAMES_A_STEP);
    return this.patterns.get(pattern)!.test(name);
  }

  /** Each conjunct after has to follow from one before, or all branches before lead to what is asked for. */
  private wholes(before: Node, after: Node): EventTypeChange[] {
    const had = conjunctsOf(before);
    const changes = conjunctsOf(after).flatMap((wanted) => {
      // The one in the same place is most likely meant: what is said of it is the news.
      const order = [...had].sort((a, b) => Number(b.at === wanted.at) - Number(a.at === wanted.at));
      const found = order.map((one) => this.rules(one, wanted));
      return found.find((list) => !breaksIn(list)) ?? found[0]!;
    });
    if (!breaksIn(changes)) return changes;
    for (const one of had) {
      for (const keyword of ['anyOf', 'oneOf'] as const) {
        const branches = branchesOf(one, keyword);
        if (branches.length > 0 && branches.every((branch) => this.implies(branch, after))) return [];
      }
    }
    return changes;
  }

  /** By the own keywords of two places. */
  private rules(before: Node, after: Node): EventTypeChange[] {
    this.step(before, after);
    if (schemaOf(before) === false || schemaOf(after) === true) return [];
    if (schemaOf(after) === false) return [{ place: after.at, breaks: true, reason: 'nothing is valid here any more' }];
    if (seesThrough(after) && !this.same(before, after)) {
      const reason = 'beside unevaluatedProperties and unevaluatedItems no change can be judged';
      return [{ place: after.at, breaks: true, reason }];
    }
    const kinds = kindsOf(before);
    return RULES.flatMap(({ about, judge }) => {
      const concerns = about === undefined || about.some((kind) => kinds.has(kind));
      return concerns ? judge(before, after, this) : [];
    });
  }

  /** A look at these places. */
  private step(...nodes: Node[]): void {
    this.spend(nodes.reduce((sum, node) => sum + this.weightOf(node), 1));
  }

  private spend(steps: number): void {
    this.steps += steps;
    if (this.steps > MOST_STEPS) throw new TooLarge();
  }

  /** What a place says itself, in steps. */
  private weightOf(node: Node): number {
    const schema = schemaOf(node);
    if (typeof schema === 'boolean') return 0;
    let weight = this.weights.get(schema);
    if (weight === undefined) {
      const said = Object.entries(schema).map(([keyword, value]) =>
        holdsSchemas(keyword) ? Object.keys(value as object) : value,
      );
      weight = JSON.stringify(said).length / CHARACTERS_A_STEP;
      this.weights.set(schema, weight);
    }
    return weight;
  }

  private nameOf({ doc, at }: Node): string {
    if (!this.documents.has(doc)) this.documents.set(doc, this.documents.size);
    return `${this.documents.get(doc)}${at}`;
  }
}

function breaksIn(changes: readonly EventTypeChange[]): boolean {
  return changes.some((change) => change.breaks);
}

function seesThrough(node: Node): boolean {
  const schema = ownOf(node);
  return schema.unevaluatedProperties !== undefined || schema.unevaluatedItems !== undefined;
}
