import { loggedError } from './logged-error.js';

it('says where an error was thrown, and nothing of a message that may quote a person', () => {
  const thrown = new TypeError('Ada Lovelace\nwrote to ada@example.org\n    at home');
  const logged = loggedError(Object.assign(thrown, { code: '22P02' }));
  expect(logged).toEqual({ name: 'TypeError', code: '22P02', stack: expect.stringMatching(/^ {4}at .*logged-error/) });
  expect(JSON.stringify(logged)).not.toMatch(/Lovelace|ada@|at home/);
});
