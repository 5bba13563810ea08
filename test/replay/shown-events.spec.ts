import { createSecretKey, randomBytes } from 'node:crypto';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { EVENT_SCHEMAS } from '../../libs/contract/generated/event-schemas.js';
import { EventCodec } from '../../libs/platform/event-codec/event-codec.js';
import { dataSchema } from '../../libs/platform/event-schemas/data-schema.js';
import { CATALOGUE } from '../../libs/platform/event-schemas/schema-catalogue.js';
import { eventLine } from '../../libs/platform/feed/event-json.js';
import { toResource } from '../../libs/platform/feed/stream-history.js';
import { newId } from '../../libs/platform/kernel/id.js';
import { everyKindOfEvent } from './every-kind-of-event.js';

const workspace = newId('wsp');
const codec = new EventCodec(EVENT_SCHEMAS);
const key = { id: randomBytes(16), subject: newId('cus'), key: createSecretKey(randomBytes(32)), withheld: null };
const keyring = new Map([[key.id.toString('hex'), key]]);

/** From the log to what a client parses. */
function shown(written: { type: string; stream: string; data: object }): { type: string; data: object } {
  const meta = {
    id: newId('evt'),
    workspace,
    stream: written.stream,
    seq: 1,
    type: written.type,
    occurred_at: 1,
    recorded_at: 2,
    actor: { type: 'api_key', id: newId('key'), on_behalf_of: null },
    correlation_id: null,
    causation_id: null,
    traceparent: null,
    ext: {},
  };
  const { fingerprint, payload } = codec.encode(written.type, meta, written.data, key);
  const event = codec.open(codec.decode(fingerprint, payload), keyring);
  const line = JSON.parse(eventLine({ ...event, position: 1 }, 'a-cursor'));
  const { cursor, ...alike } = line;
  expect([cursor, alike]).toEqual(['a-cursor', JSON.parse(JSON.stringify(toResource(1, event)))]);
  return line;
}

const events = everyKindOfEvent(8, workspace).map(shown);
/** RFC 3339, UTC, with milliseconds: no other time is shown. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const ajv = new Ajv2020({
  strict: true,
  allowUnionTypes: true,
  keywords: ['x-heddle-personal'],
  formats: { 'date-time': INSTANT },
});
const validators = new Map<string, ValidateFunction>(
  CATALOGUE.types.map((type) => [type, ajv.compile(dataSchema(CATALOGUE.of(type).at(-1)!))]),
);

test('every type of the contract is among them', () => {
  expect([...new Set(events.map(({ type }) => type))].sort()).toEqual(CATALOGUE.types);
});

test.each(CATALOGUE.types)('%s, as the API shows it, is what its JSON Schema says, and nothing more', (type) => {
  const validate = validators.get(type)!;
  const its = events.filter((event) => event.type === type);
  expect(its.length).toBeGreaterThan(0);
  for (const { data } of its) {
    expect([validate(data), validate.errors]).toEqual([true, null]);
    expect(Object.keys(data).sort()).toEqual(Object.keys(dataSchema(CATALOGUE.of(type).at(-1)!).properties!).sort());
    // Each of its fields is looked at.
    for (const field of Object.keys(data)) {
      // Of what a workspace's own system says, nothing is known.
      if (type === 'activity.recorded' && field === 'data') continue;
      expect([field, validate({ ...data, [field]: { made: 'up' } })]).toEqual([field, false]);
    }
  }
});

test('times are as in the envelope, what is sealed is text, and neither a hash of a key nor sealed secrets are shown', () => {
  const dataOf = (type: string) => events.find((event) => event.type === type)!.data as Record<string, unknown>;
  expect(dataOf('api_key.created')).not.toHaveProperty('secret_hash');
  const resealed = ['created', 'headers_changed', 'client_certificate_changed', 'secret_rotated'];
  for (const change of resealed) expect(dataOf(`webhook_endpoint.${change}`)).not.toHaveProperty('sealed');
  expect(dataOf('customer.merged').undo_until).toMatch(INSTANT);
  expect(dataOf('customer.created').name).toMatch(/^Ada/);
});
