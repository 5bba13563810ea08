import { EVENT_GROUPS, EVENT_SCHEMAS } from '../../../contract/generated/event-schemas.js';
import { wantedTypes } from './wanted-types.js';

const ALL = new Set(EVENT_SCHEMAS.map(({ type }) => type as string));
const sorted = (types: ReadonlySet<string> | null) => [...types!].sort();

it('means all by a star, whatever stands beside it', () => {
  expect(wantedTypes(['*'])).toBeNull();
  expect(wantedTypes(['message.created', '*'])).toBeNull();
});

it('means a type by its name, its types by a group and all of a noun by a star', () => {
  expect(sorted(wantedTypes(['message.created']))).toEqual(['message.created']);
  expect(sorted(wantedTypes(['conversation.updated']))).toEqual([...EVENT_GROUPS['conversation.updated']!].sort());
  expect(sorted(wantedTypes(['team.*']))).toEqual([...ALL].filter((type) => type.startsWith('team.')).sort());
  expect(sorted(wantedTypes(['label.updated', 'label.*', 'label.created']))).toEqual(
    [...ALL].filter((type) => type.startsWith('label.')).sort(),
  );
});

it.each(['message', 'message.', 'message.creat*', 'mess*', 'constructor', ''])('means nothing by %j', (word) => {
  expect(wantedTypes([word])).toEqual(new Set());
});

it.each([...ALL])('reaches %s by its name and by its noun', (type) => {
  expect(wantedTypes([type])).toEqual(new Set([type]));
  expect(wantedTypes([`${type.slice(0, type.indexOf('.'))}.*`])).toContain(type);
});
