import { EVENT_GROUPS, EVENT_SCHEMAS } from '../../../contract/generated/event-schemas.js';

const TYPES: readonly string[] = [...new Set(EVENT_SCHEMAS.map(({ type }) => type))];

/**
 * The types of events that an endpoint's words mean, null for all: a type, a group such as `conversation.updated`, all of a
 * noun such as `message.*`, or `*`. A word that means nothing here means no type: another version of Heddle may know it.
 */
export function wantedTypes(words: readonly string[]): ReadonlySet<string> | null {
  if (words.includes('*')) return null;
  return new Set(words.flatMap(typesOf));
}

function typesOf(word: string): readonly string[] {
  if (Object.hasOwn(EVENT_GROUPS, word)) return EVENT_GROUPS[word]!;
  return TYPES.filter((type) => (word.endsWith('.*') ? type.startsWith(word.slice(0, -1)) : type === word));
}
