import { Readable } from 'node:stream';
import fc from 'fast-check';
import { type BatchLimits, type LineBatch, lineBatches } from './line-batches.js';

const limits: BatchLimits = { lines: 3, bytes: 1000, lineBytes: 20 };

async function batchesOf(chunks: Buffer[], within = limits): Promise<LineBatch[]> {
  const batches: LineBatch[] = [];
  for await (const batch of lineBatches(Readable.from(chunks), within)) batches.push(batch);
  return batches;
}

describe('Lines in batches', () => {
  it('are cut by their number, and keep their numbers', async () => {
    const batches = await batchesOf([Buffer.from('a\nb\n\nd\ne')]);
    expect(batches.map(({ firstLine, lines, bytes, endsAt }) => [firstLine, lines, bytes.toString(), endsAt])).toEqual([
      [1, 3, 'a\nb\n\n', 5],
      [4, 2, 'd\ne\n', 8],
    ]);
  });

  it('are cut by their bytes too', async () => {
    const batches = await batchesOf([Buffer.from('aaaa\nbbbb\ncccc\n')], { ...limits, bytes: 8 });
    expect(batches.map(({ bytes }) => bytes.toString())).toEqual(['aaaa\nbbbb\n', 'cccc\n']);
  });

  it('are the same whatever chunks they come in', async () => {
    const text = fc.array(fc.stringMatching(/^[a-zé]{0,8}$/), { maxLength: 12 }).map((lines) => lines.join('\n'));
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 7 }), async (whole, size) => {
        const bytes = Buffer.from(whole);
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
          bytes.subarray(at * size, (at + 1) * size),
        );
        const batches = await batchesOf(chunks);
        const together = Buffer.concat(batches.map((batch) => batch.bytes)).toString();
        expect(together).toBe(whole === '' || whole.endsWith('\n') ? whole : `${whole}\n`);
        expect(batches.reduce((sum, { lines }) => sum + lines, 0)).toBe(together.split('\n').length - 1);
      }),
    );
  });

  it('send one byte too many of a line that is too long, and hold no more of it', async () => {
    const [batch] = await batchesOf([Buffer.alloc(15, 'a'), Buffer.alloc(5000, 'a'), Buffer.from('\nb\n')]);
    expect(batch!.bytes.toString()).toBe(`${'a'.repeat(21)}\nb\n`);
    expect(batch!.endsAt).toBe(5018);
  });

  it('are read no further than they are asked for', async () => {
    let given = 0;
    const endless = async function* () {
      for (;;) {
        given++;
        yield Buffer.from('line\n');
      }
    };
    const batches = lineBatches(endless(), limits);
    await batches.next();
    expect(given).toBe(3);
  });
});
