import type { EventTypeChange } from './event-type-change.js';
import { childOf, type Kind, type Node } from './schema-view.js';

/** What a rule may ask about places below. */
export interface Judging {
  /** What changes between two places. */
  compare(before: Node, after: Node): EventTypeChange[];
  /** Whether whatever is right by the first place is right by the second. */
  implies(before: Node, after: Node): boolean;
  /** The same of a place's own keywords alone, without its `allOf` and `$ref`. */
  ownImplies(before: Node, after: Node): boolean;
  same(before: Node, after: Node): boolean;
  areDisjoint(nodes: readonly Node[]): boolean;
  /** Whether a pattern is found in a name. */
  matches(pattern: string, name: string): boolean;
}

/** What one keyword, or a few that belong together, change. */
export interface Rule {
  /** The kinds of values that it is about; left out, all. */
  about?: readonly Kind[];
  judge(before: Node, after: Node, judging: Judging): EventTypeChange[];
}

export function broken(node: Node, keyword: string, reason: string): EventTypeChange {
  return { place: childOf(node, keyword).at, breaks: true, reason };
}

export function harmless(node: Node, keyword: string, reason: string): EventTypeChange {
  return { place: childOf(node, keyword).at, breaks: false, reason };
}
