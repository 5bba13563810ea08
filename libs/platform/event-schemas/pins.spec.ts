import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { keyringOf, laterSchema, metaOf, personKey } from '../event-codec/event-codec.fixture.js';
import { EventCodec } from '../event-codec/event-codec.js';
import { Problem } from '../kernel/problem.js';
import { Pins } from './pins.js';
import { SchemaCatalogue } from './schema-catalogue.js';

const refusalOf = (pin: string): Problem => {
  try {
    Pins.parse(pin);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error(`${pin} was taken.`);
};

const CLOSED = { message_id: 'msg_1', article: null, detail: 'sdt_1' };

describe('a pin', () => {
  it('leaves out the fields that later revisions added', () => {
    const pins = Pins.parse('conversation.closed@1.0');
    const data = { ...CLOSED };
    expect(pins.dataOf({ type: 'conversation.closed', data })).toEqual({ message_id: 'msg_1', article: null });
    expect(data).toEqual(CLOSED);
  });

  it('leaves events of other types, and those pinned to the newest version, as they are', () => {
    const pins = Pins.parse('conversation.closed@1.1');
    expect(pins.dataOf({ type: 'conversation.closed', data: CLOSED })).toEqual(CLOSED);
    const other = { type: 'conversation.reopened', data: { message_id: null, detail: null } };
    expect(pins.dataOf(other)).toBe(other.data);
  });

  it('is several with commas between, or none', () => {
    const pins = Pins.parse('conversation.closed@1.0, conversation.reopened@1.0');
    expect([pins.has('conversation.closed'), pins.has('conversation.reopened'), pins.has('message.created')]).toEqual([
      true,
      true,
      false,
    ]);
    expect([Pins.parse(undefined).isEmpty, Pins.parse('').isEmpty, pins.isEmpty]).toEqual([true, true, false]);
  });

  it.each([
    ['message.created', 'such as message.created@1.0'],
    ['message.created@1', 'such as message.created@1.0'],
    ['conversation.closed@1.0,', 'such as message.created@1.0'],
    ['message.made@1.0', 'message.created'],
    ['nothing.at_all@1.0', 'conversation'],
    ['conversation.closed@1.2', 'it has 1.0, 1.1'],
    ['conversation.closed@1.0,conversation.closed@1.1', 'pinned twice'],
    ['conversation.updated@1.0', 'conversation.closed'],
  ])('%s is refused, with what there is', (pin, named) => {
    const problem = refusalOf(pin);
    expect([problem.code, problem.status, problem.detail]).toEqual([
      'invalid_value',
      422,
      expect.stringContaining(named),
    ]);
    expect(problem.more.errors).toEqual([{ pointer: '/query/pin', message: problem.detail }]);
  });
});

describe('across versions', () => {
  const v1 = EVENT_SCHEMAS.find(({ record }) => record === 'heddle.customer.CustomerPlaceholderCreated')!;
  const where = { name: 'met_on', doc: 'The channel.', type: 'string' };
  const v2 = laterSchema(v1, { version: 2, remove: 'channel', add: [where] });
  const campaign = { name: 'campaign', doc: 'What brought them.', type: ['null', 'string'], default: null };
  const v2later = laterSchema(v2, { version: 2, revision: 1, add: [campaign] });
  const contract = [v1, v2, v2later];
  const codec = new EventCodec(contract, {
    [v1.record]: ({ channel, ...rest }) => ({ ...rest, met_on: channel, campaign: null }),
  });
  const catalogue = new SchemaCatalogue(contract);
  const downcasters = { [v2.record]: ({ met_on, ...rest }: Record<string, unknown>) => ({ ...rest, channel: met_on }) };
  const pin = (text: string) => Pins.parse(text, '/query/pin', catalogue, downcasters);
  const key = personKey();

  /** As a process of that time wrote it, and one of today reads it. */
  const readToday = (writer: EventCodec, data: object) => {
    const { fingerprint, payload } = writer.encode(v1.type, metaOf(v1.type), data, key);
    return codec.open(codec.decode(fingerprint, payload), keyringOf(key));
  };
  const old = readToday(new EventCodec([v1]), { name: 'Ada', channel: 'chat' });
  const between = readToday(new EventCodec([v2]), { name: 'Ada', met_on: 'chat' });
  const today = readToday(codec, { name: 'Ada', met_on: 'chat', campaign: 'spring' });

  it('an event of the first one is read as the newest by a reader without a pin', () => {
    expect(old.data).toEqual({ name: 'Ada', met_on: 'chat', campaign: null });
  });

  it('every event is read as the first one by a reader that pins it', () => {
    for (const event of [old, between, today]) {
      expect(pin('customer.placeholder_created@1.0').dataOf(event)).toEqual({ name: 'Ada', channel: 'chat' });
    }
  });

  it('every event is read as a revision between, with its fields alone', () => {
    for (const event of [old, between, today]) {
      expect(pin('customer.placeholder_created@2.0').dataOf(event)).toEqual({ name: 'Ada', met_on: 'chat' });
    }
  });

  it('an event older than the pin shows the default of what was added since', () => {
    const shown = [old, between, today].map((event) => pin('customer.placeholder_created@2.1').dataOf(event));
    expect(shown.map((data) => (data as { campaign: unknown }).campaign)).toEqual([null, null, 'spring']);
  });

  it('a version that nothing leads back to is a fault of the program, and not of the reader', () => {
    expect(() => Pins.parse('customer.placeholder_created@1.0', '/query/pin', catalogue, {})).toThrow(
      /register a downcaster/,
    );
  });
});

test('every version of the contract can be pinned', () => {
  const catalogue = new SchemaCatalogue(EVENT_SCHEMAS);
  for (const { type, version, revision } of EVENT_SCHEMAS) {
    expect(Pins.parse(`${type}@${version}.${revision}`, '/query/pin', catalogue).has(type)).toBe(true);
  }
});
