import { Registry } from 'prom-client';
import { Figures } from './figures.js';

it('shows figures as they are when they are asked for', async () => {
  const figures = new Figures();
  const taken = new Map([['taken', 2]]);
  let held = 7;
  figures.add(
    { name: 'things_total', help: 'Things.', kind: 'counter', label: 'outcome', read: () => taken },
    { name: 'shelves', help: 'Shelves.', kind: 'gauge', read: () => held },
  );
  const registry = new Registry();
  figures.register(registry);
  const lines = async () => (await registry.metrics()).split('\n').filter((line) => /^[a-z]/.test(line));
  expect(await lines()).toEqual(['things_total{outcome="taken"} 2', 'shelves 7']);
  taken.set('failed', 1).set('taken', 3);
  held = 0;
  expect(await lines()).toEqual(['things_total{outcome="taken"} 3', 'things_total{outcome="failed"} 1', 'shelves 0']);
});
