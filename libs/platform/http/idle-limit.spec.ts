import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { idleLimited } from './idle-limit.js';

it('gives the bytes as they come, and ends with them', async () => {
  const stream = new PassThrough();
  stream.write('a');
  stream.end('b');
  const chunks: Buffer[] = await idleLimited(stream, 1000).toArray();
  expect(Buffer.concat(chunks).toString()).toBe('ab');
});

it('destroys a stream that falls silent', async () => {
  const stream = new PassThrough();
  stream.write('a');
  await expect(idleLimited(stream, 50).toArray()).rejects.toMatchObject({ code: 'request_timeout' });
  expect(stream.destroyed).toBe(true);
});

it('does not count the time that the bytes are worked on', async () => {
  const stream = new PassThrough();
  for (let n = 0; n < 3; n++) stream.write('a');
  stream.end();
  let read = 0;
  for await (const chunk of idleLimited(stream, 200)) {
    read += (chunk as Buffer).length;
    await sleep(250);
  }
  expect(read).toBe(3);
});
