import { shownData } from './shown-data.js';

const activity = (data: unknown) => ({ source: '{"not":"JSON to anybody"}', data });

it('shows JSON as what it says, where the schema says that it is JSON', () => {
  expect(shownData('activity.recorded', activity('{"amount":1,"of":["a"]}'))).toEqual(
    activity({ amount: 1, of: ['a'] }),
  );
  expect(shownData('activity.recorded', activity('null'))).toEqual(activity(null));
  const message = { text: '{"a":1}' };
  expect(shownData('message.created', message)).toBe(message);
});

it.each(['erased', 'redacted'])('leaves what reads %s', (word) => {
  expect(shownData('activity.recorded', activity(word))).toEqual(activity(word));
  // A text of the sender's own says the same in quotes.
  expect(shownData('activity.recorded', activity(JSON.stringify(word)))).toEqual(activity(word));
});
