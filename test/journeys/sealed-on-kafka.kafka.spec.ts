import { randomBytes } from 'node:crypto';
import { findInSegments } from '../../libs/platform/testing/kafka/segment-search.js';
import { describeOnKafka, testName } from '../../libs/platform/testing/test-kafka.js';
import { carry, recordsOf } from './carried-log.js';
import { created, Journey } from './journey.js';

/** Words that are in no file yet. */
const plant = (what: string) => `${what}-${randomBytes(8).toString('hex')}`;

const personal = {
  customer: plant('Ada Lovelace'),
  renamed: plant('Ada King'),
  customerExternalId: plant('ada@example.org'),
  user: plant('Bo Diddley'),
  email: `${plant('bo')}@example.org`,
  title: plant('My divorce'),
  conversationExternalId: plant('T'),
  text: plant('My card is 4111 🧶'),
  messageExternalId: plant('m'),
  importedText: plant('Imported text'),
  idempotencyKey: plant('key of Ada'),
};
/** What identifies nobody, and is not sealed. */
const channel = plant('channel');

const folder = process.env.HEDDLE_TEST_KAFKA_SEGMENTS;
/** In a container, or on another machine, they are out of reach. */
const [describeWhereFilesAre, title] =
  folder === undefined
    ? [describe.skip, 'the files of Kafka (not on this machine: set HEDDLE_TEST_KAFKA_SEGMENTS to its log.dirs)']
    : [describeOnKafka, 'the files of Kafka'];

describeWhereFilesAre(title, () => {
  const prefix = `${testName('sealed')}.`;
  let journey: Journey;

  beforeAll(async () => {
    journey = await Journey.begin();
    const api = await journey.client(await journey.workspace());
    const p = personal;
    const made = { external_id: p.customerExternalId, name: p.customer, idempotency_key: p.idempotencyKey };
    const customer = created(await api.post('/v1/customers', made)).id;
    await api.post('/v1/customers', { external_id: p.customerExternalId, name: p.renamed });
    created(await api.post('/v1/users', { external_id: plant('bo'), name: p.user, email: p.email }));
    const begun = { customer_id: customer, channel, title: p.title, external_id: p.conversationExternalId };
    const conversation = created(await api.post('/v1/conversations', begun)).id;
    const author = { type: 'customer', id: customer };
    const message = { type: 'text', author, text: p.text, external_id: p.messageExternalId };
    created(await api.post(`/v1/conversations/${conversation}/messages`, message));
    const said = { id: 'm1', at: '2020-04-01T12:00:00Z', author: { ...author, id: 'x' }, text: p.importedText };
    const line = { conversation: plant('c'), channel: 'email', customer: 'x', messages: [said] };
    const headers = { 'content-type': 'application/x-ndjson' };
    expect((await api.post('/v1/import', {}, { raw: JSON.stringify(line), headers })).body).toContain('"created":1');
    await carry(await recordsOf(journey, prefix));
  }, 120_000);
  afterAll(() => journey?.end());

  it('hold what is not sealed: the search can find something', () => {
    const found = findInSegments(folder!, prefix, [channel, 'message.created']);
    expect([...new Set(found.map(({ word }) => word))].sort()).toEqual([channel, 'message.created'].sort());
  });

  it('hold no name, no text and no external id', () => {
    expect(findInSegments(folder!, prefix, Object.values(personal))).toEqual([]);
  });

  it('would show a name that was not sealed', async () => {
    const plain = testName('plain');
    const [record] = await recordsOf(journey, `${plain}.`);
    await carry([{ ...record!, value: Buffer.from(`{"name":"${personal.customer}"}`) }]);
    const found = findInSegments(folder!, plain, Object.values(personal));
    expect(found).toEqual([{ word: personal.customer, file: expect.stringMatching(/\.log$/) }]);
  });

  it('cannot be searched where there is no such topic', () => {
    expect(() => findInSegments(folder!, testName('none'), ['x'])).toThrow(/has no partition of a topic/);
  });
});
