import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { typesOfWord } from './type-words.js';

it('means a type, a group, or all of a noun', () => {
  expect(typesOfWord('message.created')).toEqual(['message.created']);
  expect(typesOfWord('message.changed')).toEqual(['message.edited', 'message.redacted']);
  const ofLabels = EVENT_SCHEMAS.map(({ type }) => type).filter((type) => type.startsWith('label.'));
  expect(typesOfWord('label.*')).toEqual([...new Set(ofLabels)]);
});

it.each(['', '*', 'message', 'message.', 'message.cre*', '.*', 'thing.*', 'toString', 'Message.created', 'a.b'])(
  '%j means nothing',
  (word) => {
    expect(typesOfWord(word)).toBeNull();
  },
);
