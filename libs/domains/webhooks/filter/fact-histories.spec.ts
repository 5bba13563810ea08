import { newId } from '../../../platform/kernel/id.js';
import { FactHistories, type PlacedFact } from './fact-histories.js';

const conversation = newId('conv');
const stated = (position: number, status: string): PlacedFact => ({
  subject: conversation.slice('conv_'.length),
  position,
  kind: 'status',
  key: '',
  value: status,
  leadsTo: null,
  isOn: true,
});

const statusAt = (histories: FactHistories, position: number) =>
  histories.at(conversation, position)({ kind: 'status' })[0];

it('says what was stated last at or before a position, in whatever order it was told', () => {
  const histories = new FactHistories();
  expect(histories.unknownFrom([conversation])).toEqual([conversation]);
  histories.meet([conversation]);
  histories.take([stated(7, 'snoozed'), stated(3, 'closed'), stated(12, 'open')]);
  histories.take([stated(20, 'closed')]);
  expect(histories.unknownFrom([conversation])).toEqual([]);
  expect([2, 3, 6, 7, 11, 12, 19, 20, 99].map((position) => statusAt(histories, position))).toEqual([
    ...['open', 'closed', 'closed', 'snoozed', 'snoozed', 'open', 'open', 'closed', 'closed'],
  ]);
});

it('keeps nothing of those who were not met', () => {
  const histories = new FactHistories();
  histories.take([stated(3, 'closed')]);
  expect(histories.size).toBe(0);
  expect(statusAt(histories, 3)).toBe('open');
});
