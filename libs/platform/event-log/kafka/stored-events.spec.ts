import { TOO_LARGE } from '../../kafka/fetch-answers.js';
import { storedEventsOf } from './stored-events.js';

test('where a batch was not read nothing is passed over', async () => {
  const ids = { fingerprintOf: async () => Buffer.alloc(16) };
  const records = [{ offset: '7', value: TOO_LARGE }];
  await expect(storedEventsOf(records, ids as never, 'a'.repeat(32))).rejects.toThrow('Offset 7: It ends a batch');
});
