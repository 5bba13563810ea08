import { frame, MalformedFrameError, readHeaders, unframe } from './frame.js';

it('is a zero byte, the id in four bytes with the highest first, and the payload', () => {
  expect(frame(0x01020304, Buffer.from('abc')).toString('hex')).toBe('0001020304616263');
});

it('gives back what was framed', () => {
  const { schemaId, payload } = unframe(frame(17, Buffer.from('payload')));
  expect([schemaId, payload.toString()]).toEqual([17, 'payload']);
});

it('refuses what is no frame', () => {
  for (const value of [null, Buffer.alloc(4), Buffer.from('0100000001', 'hex')]) {
    expect(() => unframe(value)).toThrow(MalformedFrameError);
  }
});

it('reads headers as the bytes that a consumer gets, and takes no position that is not one', () => {
  const headers = { 'heddle-position': Buffer.from('42'), 'heddle-type': Buffer.from('message.created') };
  expect(readHeaders(headers)).toEqual({
    eventId: null,
    type: 'message.created',
    store: null,
    position: 42,
    traceparent: null,
  });
  for (const odd of ['0', '-1', '1.5', '', 'x', '00000000000000000001']) {
    expect(readHeaders({ 'heddle-position': Buffer.from(odd) }).position).toBeNull();
  }
});
