import { newId } from '../../../platform/kernel/id.js';
import { idField } from '../../../platform/operations/fields.js';
import { messageIdOf } from './message-id.js';

const endpoint = newId('whe');

it('is an id, the same for the same message and another for every other', () => {
  const ids = [
    messageIdOf(endpoint, 0, 4711),
    messageIdOf(endpoint, 1, 4711),
    messageIdOf(endpoint, 0, 4712),
    messageIdOf(newId('whe'), 0, 4711),
  ];
  expect(new Set(ids).size).toBe(4);
  for (const id of ids) expect(idField('wdl').safeParse(id).success).toBe(true);
  expect(messageIdOf(endpoint, 0, 4711)).toBe(ids[0]);
});

it('comes in the order of the log', () => {
  const positions = [1, 255, 256, 65_536, 2 ** 40];
  const ids = positions.map((position) => messageIdOf(endpoint, 7, position));
  expect(ids).toEqual([...ids].sort());
});
