import fc from 'fast-check';
import { computedMs } from '../../../platform/testing/computed-ms.js';
import { activity } from './activity.schema.js';
import { plainActivity } from './plain-activity.js';
import { rowsOf } from './rows.js';

const CUSTOMER = 'cus_0198f2c0a1b27c3d8e4f5a6b7c8d9e0f';
const NDJSON = 'application/x-ndjson';

/** Values that are nearly right, at each place. */
const text = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc.constantFrom('', 'invoice.paid', 'a..b', 'A', 'é', 'a\u0000', '\ud800', 'x'.repeat(255), 'x'.repeat(256)),
);
const id = fc.constantFrom(CUSTOMER, CUSTOMER.replace('cus', 'ten'), CUSTOMER.replace('cus', 'conv'), 'cus_1', 7);
const subject = fc.oneof(
  fc.dictionary(
    fc.constantFrom('customer', 'tenant', 'conversation', 'other', '__proto__'),
    fc.oneof(
      fc.record({ id }),
      fc.record({ external_id: text }),
      fc.record({ id, external_id: text }),
      fc.constant(null),
    ),
    { maxKeys: 2 },
  ),
  fc.constantFrom(null, [], 'customer'),
);
const time = fc.oneof(
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom(
    '2026-02-30T00:00:00Z',
    '2026-02-28T00:00:00Z',
    '2026-02-28T00:00:00+01:00',
    '2026-02-28',
    7,
    '2026-01-01T24:00:00Z',
  ),
);
const sent = fc.record(
  { id: text, type: text, source: text, subject, occurred_at: time, data: fc.jsonValue(), more: fc.constant(1) },
  { requiredKeys: [] },
);

test('what is read without the schema the schema takes, and reads alike', () => {
  let plain = 0;
  const nearlyAll = fc.record(
    {
      id: text,
      type: fc.oneof(fc.constant('invoice.paid'), text),
      source: text,
      subject: fc.oneof(fc.constant({ customer: { id: CUSTOMER } }), subject),
      occurred_at: time,
      data: fc.jsonValue(),
    },
    { requiredKeys: ['type', 'subject', 'data'] },
  );
  fc.assert(
    fc.property(fc.oneof(sent, nearlyAll), (value) => {
      const read = plainActivity(value);
      if (read === null) return;
      plain++;
      const { occurred_at: at, subject: about, source = 'api', ...rest } = activity.parse(value);
      const [[type, by]] = Object.entries(about) as [[string, { id?: string; external_id?: string }]];
      expect(read).toEqual({
        ...rest,
        source,
        subject: by.id === undefined ? { type, externalId: by.external_id } : { type, id: by.id },
        ...(at === undefined ? {} : { occurredAt: Date.parse(at) }),
      });
    }),
    { numRuns: 2000 },
  );
  expect(plain).toBeGreaterThan(20);
});

test('whatever is sent as rows has a problem a row, or is read', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(sent, fc.jsonValue()), { minLength: 1, maxLength: 20 }), (events) => {
      const { isOne, rows } = rowsOf({ mediaType: 'application/json', content: { events } });
      expect([isOne, rows.length]).toEqual([false, events.length]);
      for (const row of rows) if ('problem' in row) expect(row.problem.status).toBe(400);
    }),
  );
});

test('CloudEvents name their subject by a path', () => {
  const of = (subject: string) => {
    const event = { specversion: '1.0', id: '1', source: '/x', type: 'a.b', subject };
    const [row] = rowsOf({ mediaType: 'application/cloudevents+json', content: event }).rows;
    return 'input' in row! ? row.input.subject : row!.problem.code;
  };
  expect(of(`customer/${CUSTOMER}`)).toEqual({ type: 'customer', id: CUSTOMER });
  expect(of('tenant/external/a/b')).toEqual({ type: 'tenant', externalId: 'a/b' });
  for (const wrong of ['customer', 'customer/external/', 'user/1', 'conversation/external/1']) {
    expect(of(wrong)).toBe('invalid_request');
  }
});

test('lines that are blank are no rows, and lines keep their numbers', () => {
  const content = Buffer.from('\r\n{}\n\n  \n[1]\n\xff');
  const { rows } = rowsOf({ mediaType: NDJSON, content: Buffer.concat([content, Buffer.from([0xff])]) });
  const details = rows.map((row) => ('problem' in row ? row.problem.detail : ''));
  expect(details).toEqual(['/body/2/type is missing.', '/body/5 is not an object.', 'Line 6 is not UTF-8.']);
});

test.each(['1\n', '\n', ' \n', 'x'])('8 MiB of %j are looked at in little time', (text) => {
  const content = Buffer.alloc(8 * 1024 * 1024, text);
  const from = process.cpuUsage();
  const read = () => rowsOf({ mediaType: NDJSON, content }).rows;
  if (text === 'x') expect(read()).toHaveLength(1);
  else expect(read).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  expect(computedMs(from)).toBeLessThan(1000);
});
