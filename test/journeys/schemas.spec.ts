import { EVENT_SCHEMAS } from '../../libs/contract/generated/event-schemas.js';
import { registerAll } from '../../libs/platform/registry/register-all.js';
import { RegistryClient } from '../../libs/platform/registry/registry-client.js';
import { type ApiClient, Journey, problem, ROOT_KEY } from './journey.js';
import { RegistryCaller } from './registry-suite.js';

let journey: Journey;
let api: ApiClient;
beforeAll(async () => {
  journey = await Journey.begin();
  api = await journey.client(await journey.workspace(), ['events:read']);
});
afterAll(() => journey.end());

const TYPE = 'message.created';

describe('the schemas of events', () => {
  it('are listed by type, with every version', async () => {
    const { body } = await api.get('/v1/schemas');
    const listed = body.data.flatMap(({ type, versions }: { type: string; versions: string[] }) =>
      versions.map((version) => `${type} ${version}`),
    );
    const all = EVENT_SCHEMAS.map(({ type, version, revision }) => `${type} ${version}.${revision}`);
    expect(listed.sort()).toEqual(all.sort());
  });

  it('say of a type where it lies, what a filter may call it, and what of it is about a person', async () => {
    expect((await api.get('/v1/schemas/message.edited')).body).toEqual({
      type: 'message.edited',
      domain: 'conversation',
      description: expect.any(String),
      newest: '1.0',
      versions: ['1.0'],
      topic: 'heddle.conversation',
      records: [
        {
          version: '1.0',
          record: 'heddle.conversation.MessageEdited',
          fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
        },
      ],
      groups: ['message.changed'],
      personal: ['text', 'blocks'],
    });
  });

  it('are the same Avro as under the record’s name in the registry', async () => {
    const target = { url: `${journey.url}/registry`, auth: { username: '', password: ROOT_KEY } };
    await registerAll(new RegistryClient(target));
    const registry = new RegistryCaller(target);
    for (const version of ['1.0', '1.1']) {
      const { body } = await api.get(`/v1/schemas/${TYPE}/${version}`);
      const subject = `/subjects/${body.record}/versions`;
      const versions: number[] = (await registry.get(subject)).body;
      const answers = await Promise.all(versions.map((one) => registry.get(`${subject}/${one}`)));
      expect(answers.map((answer) => JSON.parse(answer.body.schema))).toContainEqual(body.avro);
    }
  });

  it('say what `data` is in each version', async () => {
    const fields = async (version: string) =>
      Object.keys((await api.get(`/v1/schemas/${TYPE}/${version}`)).body.data.properties);
    expect(await fields('1.0')).toEqual(['message_id', 'author', 'channel', 'type', 'text', 'external_id']);
    expect(await fields('1.1')).toEqual(expect.arrayContaining([...(await fields('1.0')), 'blocks', 'mentions']));
  });

  it('are compared, in either direction', async () => {
    const between = async (from: string, to: string) =>
      (await api.get(`/v1/schemas/conversation.closed/changes?from=${from}&to=${to}`)).body;
    expect(await between('1.0', '1.1')).toEqual({
      type: 'conversation.closed',
      from: '1.0',
      to: '1.1',
      changes: [
        expect.objectContaining({ field: 'detail', change: 'added', sentence: expect.stringContaining('null') }),
      ],
    });
    expect((await between('1.1', '1.0')).changes).toEqual([
      expect.objectContaining({ field: 'detail', change: 'removed' }),
    ]);
    expect((await between('1.1', '1.1')).changes).toEqual([]);
  });
});

it.each([
  ['/v1/schemas/message.made', 'message.created'],
  ['/v1/schemas/nothing', 'conversation'],
  ['/v1/schemas/nothing/1.0', 'conversation'],
  [`/v1/schemas/${TYPE}/9.9`, 'it has 1.0, 1.1'],
  [`/v1/schemas/${TYPE}/changes?from=1.0&to=7.0`, 'it has 1.0, 1.1'],
])('%s is not there, and the answer says what is', async (path, named) => {
  const answer = await api.get(path);
  expect(problem(answer)).toEqual({ status: 404, code: 'not_found' });
  expect(answer.body.detail).toContain(named);
});

it('needs the scope events:read', async () => {
  const other = await journey.client(await journey.workspace(), ['users:read']);
  expect(problem(await other.get(`/v1/schemas/${TYPE}`))).toEqual({ status: 403, code: 'forbidden' });
});
