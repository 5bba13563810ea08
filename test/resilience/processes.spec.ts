import { namesFolder } from './processes.js';

it('finds a folder, and what lies in it, in a command line', () => {
  expect(namesFolder('node main.js /tmp/x/post', '/tmp/x/post')).toBe(true);
  expect(namesFolder('postgres -D /tmp/x/post/postgres', '/tmp/x/post')).toBe(true);
  expect(namesFolder("sh -c 'cd /tmp/x/post'", '/tmp/x/post')).toBe(true);
});

it('does not take a folder for another one that its name begins', () => {
  expect(namesFolder('postgres -D /tmp/x/postgres', '/tmp/x/post')).toBe(false);
  expect(namesFolder('sh /tmp/x/postgres /tmp/x/post', '/tmp/x/post')).toBe(true);
});
