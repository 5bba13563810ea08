import { BodyRoom } from './body-room.js';

const BODY = 8 * 1024 * 1024;

it('is for each workspace a part, and for all of them no more than there is', () => {
  const room = new BodyRoom();
  const given = Array.from({ length: 32 }, () => room.take('wsp_1', BODY));
  expect(() => room.take('wsp_1', 1)).toThrow(expect.objectContaining({ code: 'rate_limited' }));
  for (let i = 0; i < 32; i++) room.take('wsp_2', BODY);
  expect(() => room.take('wsp_3', 1)).toThrow(expect.objectContaining({ code: 'unavailable' }));
  given[0]!();
  room.take('wsp_3', BODY);
  given[1]!();
  room.take('wsp_1', BODY);
});
