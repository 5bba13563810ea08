import { ReadMeter } from './read-meter.js';

function chargesOf(pages: [events: number, bytes: number][]): number[] {
  const charges: number[] = [];
  const meter = new ReadMeter((units) => charges.push(units));
  for (const [events, bytes] of pages) meter.read(events, bytes);
  return charges;
}

it.each<[string, [number, number][], number[]]>([
  ['a short past nothing', [[99, 65_535]], []],
  ['a unit for each 100 events', [[500, 1000]], [5]],
  ['a unit for each 64 KiB', [[42, 4 * 1024 * 1024]], [64]],
  [
    'what is more of the two, of all pages together',
    [
      [100, 0],
      [0, 128 * 1024],
      [200, 0],
    ],
    [1, 1, 1],
  ],
  [
    'what small pages leave, with the next',
    [
      [60, 0],
      [60, 0],
      [60, 0],
      [60, 0],
    ],
    [1, 1],
  ],
])('costs %s', (_, pages, charges) => {
  expect(chargesOf(pages)).toEqual(charges);
});

it('stops with the quota', () => {
  const meter = new ReadMeter(() => {
    throw new Error('no more');
  });
  meter.read(99, 0);
  expect(() => meter.read(1, 0)).toThrow('no more');
});
