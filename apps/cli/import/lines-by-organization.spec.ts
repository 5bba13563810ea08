import { linesByOrganization } from './lines-by-organization.js';

const line = (organization?: string, more: object = {}) => {
  const author = { type: 'customer', id: 'c' };
  const messages = [{ id: 'm', at: '2020-04-01T00:00:00Z', author, text: 'x' }];
  return JSON.stringify({ organization, conversation: 'c', channel: 'chat', customer: 'c', messages, ...more });
};
const take = (lines: string[]) => linesByOrganization(Buffer.from(lines.map((text) => `${text}\n`).join('')));

it('keeps the bytes, the order and the numbers of each organization’s lines', async () => {
  const escaped = line('B').replace('"B"', '"\\u0042"');
  const { parts, refusals } = await take([line('B'), '', line('A'), ' ', escaped]);
  expect(refusals).toEqual([]);
  expect(parts.map((part) => ({ ...part, bytes: part.bytes.toString() }))).toEqual([
    { organization: 'B', numbers: [1, 5], bytes: `${line('B')}\n${escaped}\n` },
    { organization: 'A', numbers: [3], bytes: `${line('A')}\n` },
  ]);
});

it('refuses what the server would refuse, so that no workspace is made for it', async () => {
  const { parts, refusals } = await take([
    '[]',
    '{',
    line(),
    line(''),
    line('A', { channel: 'E Mail' }),
    line('A', { title: 'x'.repeat(1024 * 1024) }),
  ]);
  expect(parts).toEqual([]);
  expect(refusals).toEqual([
    { line: 1, code: 'invalid_request', detail: expect.any(String) },
    { line: 2, code: 'malformed_request', detail: 'The line is not JSON.' },
    { line: 3, code: 'invalid_request', detail: expect.stringMatching(/^\/organization is missing/) },
    { line: 4, code: 'invalid_request', detail: expect.stringMatching(/^\/organization: /) },
    { line: 5, code: 'invalid_request', detail: expect.stringMatching(/^\/channel: /) },
    { line: 6, code: 'body_too_large', detail: 'The line has more than 1 MiB.' },
  ]);
});
