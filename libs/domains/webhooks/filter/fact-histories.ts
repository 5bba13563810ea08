import { endOfChain } from '../../../platform/kernel/chain.js';
import type { FieldValue } from '../../../platform/kernel/fields/field-declaration.js';
import { prefixOf, toId } from '../../../platform/kernel/id.js';
import { entryOf } from './entry-of.js';
import { type FactNeed, type Facts, type FactValue, nameOfNeed } from './facts.js';
import type { FieldOwner } from './filter.js';
import type { FactKind } from './stated-facts.js';

/** A fact with the position since when it is so. */
export interface PlacedFact {
  /** The uuid of the thing that it is a fact of. */
  subject: string;
  position: number;
  kind: FactKind;
  key: string;
  value: string | null;
  leadsTo: string | null;
  isOn: boolean;
}

interface History {
  /** Whatever its facts lead to, or ever led to. */
  leadsTo: Set<string>;
  /** By kind and by key, each in the order of positions. */
  facts: Map<FactKind, Map<string, PlacedFact[]>>;
}

/** What no event says of a conversation until one says otherwise. */
const AT_FIRST: Partial<Record<FactKind, string>> = { status: 'open', priority: 'normal' };
const OWNER_PREFIX: Readonly<Record<FieldOwner, string>> = {
  conversation: 'conv',
  customer: 'cus',
  company: 'com',
  tenant: 'ten',
};
const NOTHING: readonly PlacedFact[] = [];

/** What was stated of some subjects, in memory: what is so at a position is read from it, whatever came after. */
export class FactHistories {
  /** Facts and subjects: what the memory that it takes grows with. */
  size = 0;
  /** By uuid. */
  private readonly histories = new Map<string, History>();
  /** Who was ever merged into a customer. */
  private readonly mergedInto = new Map<string, Set<string>>();

  /** Those of whom nothing is known yet, of these subjects and of all whose facts count for them. */
  unknownFrom(subjects: Iterable<string>): string[] {
    const reached = new Set(subjects);
    const unknown: string[] = [];
    for (const subject of reached) {
      const history = this.histories.get(uuidOf(subject));
      if (history === undefined) unknown.push(subject);
      for (const other of history?.leadsTo ?? []) reached.add(other);
      for (const merged of this.mergedInto.get(subject) ?? []) reached.add(merged);
    }
    return unknown;
  }

  /** From now on something is known of them. */
  meet(subjects: readonly string[]): void {
    for (const subject of subjects) this.histories.set(uuidOf(subject), { leadsTo: new Set(), facts: new Map() });
    this.size += subjects.length;
  }

  /** That a customer is or was read as another one; its own facts may not be known yet. */
  knowMerged(customer: string, into: string): void {
    entryOf(this.mergedInto, into, () => new Set<string>()).add(customer);
  }

  /** Facts that were not known yet, in any order; of a subject that was not met only whom it was merged into. */
  take(facts: readonly PlacedFact[]): void {
    for (const fact of facts.toSorted((one, other) => one.position - other.position)) {
      const { subject, kind, key, leadsTo } = fact;
      if (kind === 'merged_into') this.knowMerged(toId('cus', subject), leadsTo!);
      const history = this.histories.get(subject);
      if (history === undefined) continue;
      const byKey = entryOf(history.facts, kind, () => new Map<string, PlacedFact[]>());
      entryOf(byKey, key, (): PlacedFact[] => []).push(fact);
      if (leadsTo !== null) history.leadsTo.add(leadsTo);
      this.size++;
    }
  }

  /** What is so of a subject at a position, up to which it and all that is reachable from it are known. */
  at(subject: string | null, position: number): Facts {
    if (subject === null) return () => [];
    const answers = new Map<string, readonly FactValue[]>();
    return (need) => entryOf(answers, nameOfNeed(need), () => this.valuesOf(need, subject, position));
  }

  private valuesOf(need: FactNeed, subject: string, position: number): readonly FactValue[] {
    switch (need.kind) {
      case 'customer':
        return this.joined(subject, position);
      case 'company':
      case 'tenant':
        return this.organizations(need.kind, subject, position);
      case 'label':
        return this.on(subject, 'label', position).map(({ key }) => key);
      case 'custom_field':
        return this.owners(need.object, subject, position).flatMap((owner) => this.field(owner, need.key, position));
      default:
        return this.single(subject, need.kind, position);
    }
  }

  private single(subject: string, kind: FactKind, position: number): readonly string[] {
    if (prefixOf(subject) !== 'conv') return [];
    const last = this.last(subject, kind, '', position);
    const value = last === undefined ? AT_FIRST[kind] : last.value;
    return value === undefined || value === null ? [] : [value];
  }

  private field(owner: string, key: string, position: number): readonly FactValue[] {
    const last = this.last(owner, 'custom_field', key, position);
    if (last?.isOn !== true) return [];
    return [last.value === null ? null : (JSON.parse(last.value) as FieldValue)];
  }

  /** Whose field counts: of those who are read as one, the one whom they are read as. */
  private owners(object: FieldOwner, subject: string, position: number): readonly string[] {
    if (prefixOf(subject) === OWNER_PREFIX[object] && object !== 'customer') return [subject];
    if (object === 'conversation') return [];
    if (object !== 'customer') return this.organizations(object, subject, position);
    const customer = this.customerOf(subject, position);
    return customer === null ? [] : [endOfChain(customer, this.mergesFrom(customer, position))];
  }

  private organizations(kind: 'company' | 'tenant', subject: string, position: number): readonly string[] {
    if (prefixOf(subject) === OWNER_PREFIX[kind]) return [subject];
    const theirs = this.joined(subject, position).flatMap((customer) => this.on(customer, kind, position));
    return [...new Set(theirs.map(({ key }) => key))];
  }

  /** All who are read as the same one as the subject's customer. */
  private joined(subject: string, position: number): readonly string[] {
    const customer = this.customerOf(subject, position);
    if (customer === null) return [];
    const all = new Set([customer, ...this.mergesFrom(customer, position).values()]);
    for (const one of all) {
      for (const merged of this.mergedInto.get(one) ?? []) {
        if (this.mergeOf(merged, position) === one) all.add(merged);
      }
    }
    return [...all];
  }

  private customerOf(subject: string, position: number): string | null {
    if (prefixOf(subject) === 'cus') return subject;
    return this.last(subject, 'customer', '', position)?.leadsTo ?? null;
  }

  /** Onward to where merges lead. */
  private mergesFrom(customer: string, position: number): ReadonlyMap<string, string> {
    const onward = new Map<string, string>();
    for (let from = customer; !onward.has(from); ) {
      const into = this.mergeOf(from, position);
      if (into === null) break;
      onward.set(from, into);
      from = into;
    }
    return onward;
  }

  private mergeOf(customer: string, position: number): string | null {
    const last = this.last(customer, 'merged_into', '', position);
    return last?.isOn === true ? last.leadsTo : null;
  }

  private on(subject: string, kind: FactKind, position: number): PlacedFact[] {
    const keys = this.histories.get(uuidOf(subject))?.facts.get(kind)?.keys() ?? [];
    return [...keys].flatMap((key) => this.last(subject, kind, key, position) ?? []).filter(({ isOn }) => isOn);
  }

  private last(subject: string, kind: FactKind, key: string, position: number): PlacedFact | undefined {
    const facts = this.histories.get(uuidOf(subject))?.facts.get(kind)?.get(key) ?? NOTHING;
    // Most ask for what is so now.
    const newest = facts.at(-1);
    if (newest === undefined || newest.position <= position) return newest;
    let [first, end] = [0, facts.length];
    while (first < end) {
      const middle = (first + end) >>> 1;
      if (facts[middle]!.position <= position) first = middle + 1;
      else end = middle;
    }
    return facts[first - 1];
  }
}

function uuidOf(id: string): string {
  return id.slice(id.indexOf('_') + 1);
}
