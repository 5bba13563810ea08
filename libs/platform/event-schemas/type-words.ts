import { EVENT_GROUPS, EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';

const TYPES: ReadonlySet<string> = new Set(EVENT_SCHEMAS.map(({ type }) => type));

/** The types of events that a word of a filter means: a type, a group of them, `<noun>.*`; null where it means nothing. */
export function typesOfWord(word: string): readonly string[] | null {
  if (TYPES.has(word)) return [word];
  if (Object.hasOwn(EVENT_GROUPS, word)) return EVENT_GROUPS[word]!;
  const noun = /^([a-z_]+)\.\*$/.exec(word)?.[1];
  const ofNoun = noun === undefined ? [] : [...TYPES].filter((type) => type.startsWith(`${noun}.`));
  return ofNoun.length === 0 ? null : ofNoun;
}

/** What is wrong with a word that means nothing. */
export function unknownWord(word: string): string {
  return `names ${word}, which is no type, group or noun of events`;
}

/** Where whoever sent such a word finds the right one. */
export const WORDS_ARE = 'GET /v1/schemas has all types; `conversation.*` means all of a noun.';
