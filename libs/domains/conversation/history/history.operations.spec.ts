import { readTimeline } from './history.operations.js';

it('names the kinds of entries where another one is asked for', () => {
  const { error } = readTimeline.query.safeParse({ kinds: 'message,links' });
  expect(error?.issues[0]).toMatchObject({ path: ['kinds'], message: expect.stringMatching(/message.*change.*link/) });
  expect(readTimeline.query.safeParse({ kinds: 'message,link' }).success).toBe(true);
});
