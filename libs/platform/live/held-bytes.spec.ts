import { HeldBytes, type Holder } from './held-bytes.js';

class Reader implements Holder {
  closed: string | null = null;

  constructor(private readonly waiting: number) {}

  get held(): number {
    return this.closed === null ? this.waiting : 0;
  }

  close(reason: 'slow_reader'): void {
    this.closed = reason;
  }
}

function holding(most: number, ...waiting: number[]) {
  const bytes = new HeldBytes(most);
  const readers = waiting.map((one) => new Reader(one));
  const forget = readers.map((reader) => bytes.add(reader));
  return { bytes, forget, closed: () => readers.map(({ closed }) => closed) };
}

it('close nobody while what waits for all is within the bound', () => {
  const { bytes, closed } = holding(600, 100, 300, 200);
  bytes.bound();
  expect([bytes.bytes, closed()]).toEqual([600, [null, null, null]]);
});

it('close those that hold the most, and no more of them than is needed', () => {
  const { bytes, closed } = holding(350, 100, 300, 200, 10);
  bytes.bound();
  expect(closed()).toEqual([null, 'slow_reader', null, null]);
  expect(bytes.bytes).toBe(310);
});

it('count nobody who has gone', () => {
  const { bytes, forget, closed } = holding(350, 300, 200);
  forget[0]!();
  bytes.bound();
  expect(closed()).toEqual([null, null]);
});

it('may be a quarter of the heap where nothing else is said', () => {
  const bytes = new HeldBytes();
  const many = Array.from({ length: 20_000 }, () => new Reader(1024 * 1024));
  for (const reader of many) bytes.add(reader);
  bytes.bound();
  expect(bytes.bytes).toBeGreaterThan(0);
  expect(many.some(({ closed }) => closed === 'slow_reader')).toBe(true);
});
