import { Journey } from './journey.js';

let journey: Journey;
beforeAll(async () => {
  journey = await Journey.begin();
});
afterAll(() => journey.end());

const line = (organization: string | undefined, n: number) => {
  const author = { type: 'customer', id: 'ada' };
  const messages = [{ id: 'm1', at: '2026-03-01T10:00:00Z', author, text: `Hello ${n}` }];
  return JSON.stringify({ organization, conversation: `c ${n}`, channel: 'email', customer: 'ada', messages });
};

async function bringIn(lines: readonly string[]): Promise<object[]> {
  const sending = { raw: lines.join('\n'), headers: { 'content-type': 'application/x-ndjson' } };
  const { status, body } = await journey.root.post('/v1/import?workspace_from=organization', {}, sending);
  expect(status).toBe(200);
  return (body as string).split('\n', lines.length + 1).flatMap((text) => (text === '' ? [] : [JSON.parse(text)]));
}

it('makes workspaces itself, where they are this process’s: one an organization, found again', async () => {
  const lines = ['A', 'B', 'A'].map(line);
  expect(await bringIn(lines)).toEqual([{ read: 3, created: 3, skipped: 0, refused: 0, messages: 3 }]);
  expect(await bringIn(lines)).toEqual([{ read: 3, created: 0, skipped: 3, refused: 0, messages: 0 }]);
  const { data } = (await journey.root.get('/v1/workspaces')).body;
  expect(data.map((one: { external_id: string }) => one.external_id).sort()).toEqual(['A', 'B']);
});

it('refuses a line that does not say whose it is', async () => {
  expect(await bringIn([line(undefined, 7)])).toEqual([
    { line: 1, code: 'invalid_request', detail: expect.stringMatching(/^\/organization is missing/) },
    { read: 1, created: 0, skipped: 0, refused: 1, messages: 0 },
  ]);
});
