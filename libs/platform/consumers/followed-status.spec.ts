import { FollowedStatus } from './followed-status.js';
import type { PartitionStatus } from './partition-status.js';

const of = (partition: string, more: Partial<PartitionStatus>): PartitionStatus => ({
  subscription: 'facts',
  partition,
  state: 'following',
  position: 10,
  end: 10,
  lag: 0,
  error: null,
  ...more,
});

const status = () => new FollowedStatus({ service: 'analytics', name: 'facts' });

it('lags by what lies in partitions that nobody has', () => {
  const nobodys = of('b', { state: 'unassigned', position: 3, lag: 7 });
  expect(status().of([of('a', {}), nobodys], 2)).toEqual({
    service: 'analytics',
    projection: 'facts',
    state: 'following',
    position: 13,
    lagPositions: 7,
    lagSeconds: expect.any(Number),
    deadLetters: 2,
    error: null,
  });
});

it('stands by where it has no partition, and says how far the others are', () => {
  const theirs = of('a', { state: 'unassigned' });
  expect(status().of([theirs], 0)).toMatchObject({ state: 'standby', position: 10, lagPositions: 0, lagSeconds: 0 });
});

it('is in the worst state of its partitions here', () => {
  const failing = of('a', { state: 'failing', error: 'the program is wrong' });
  expect(status().of([of('b', {}), failing], 0)).toMatchObject({ state: 'failing', error: 'the program is wrong' });
});
