import { parseLine } from './parse-line.js';

const message = (n: number) => ({
  id: `${n}`,
  at: '2020-04-01T00:00:00Z',
  author: { type: 'agent', id: 'a' },
  text: 'x',
});
const line = (count: number) => ({
  conversation: 'c',
  channel: 'chat',
  customer: 'c',
  messages: Array.from({ length: count }, (_, n) => message(n)),
});
const parse = (value: unknown) => parseLine(Buffer.from(JSON.stringify(value)));

it('gives the line as it is', async () => {
  expect(await parse(line(1000))).toEqual(line(1000));
});

it('lets others have their turn', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  await parse(line(9000));
  clearInterval(timer);
  expect(turns).toBeGreaterThan(5);
});

it.each([
  ['its outside', { ...line(1), channel: 'E Mail' }, /^\/channel: /],
  [
    'a late message',
    { ...line(300), messages: [...line(300).messages, { ...message(300), at: 'x' }] },
    /^\/messages\/300\/at: /,
  ],
  ['an unknown field', { ...line(2), nick: 1 }, /nick/],
  ['no messages', { ...line(0) }, /^\/messages: /],
  ['too many', line(10_001), /^\/messages: /],
  ['an id twice', { ...line(2), messages: [message(1), message(1)] }, /^\/messages: two have the same id/],
])('says where %s is wrong', async (_, value, detail) => {
  await expect(parse(value)).rejects.toMatchObject({ code: 'invalid_request', detail: expect.stringMatching(detail) });
});

it.each([
  ['{', 'not JSON'],
  ['\ufeff{}', 'not JSON'],
])('refuses %j', async (text, detail) => {
  await expect(parseLine(Buffer.from(text))).rejects.toMatchObject({
    code: 'malformed_request',
    detail: expect.stringContaining(detail),
  });
});

it('refuses what is not UTF-8', async () => {
  await expect(parseLine(Buffer.from([0x22, 0xff, 0x22]))).rejects.toMatchObject({ code: 'malformed_request' });
});
