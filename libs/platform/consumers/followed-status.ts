import type { ProjectionName } from '../projections/projection.js';
import type { ProjectionState, ProjectionStatus } from '../projections/projection-runner.js';
import type { PartitionState, PartitionStatus } from './partition-status.js';

/** The worst of its partitions here; a process without any stands by. */
const STATES: readonly [PartitionState, ProjectionState][] = [
  ['diverged', 'diverged'],
  ['failing', 'failing'],
  ['unavailable', 'unavailable'],
  ['seeking', 'starting'],
  ['following', 'following'],
];

/**
 * The status of a projection: its state as it is in this process, and how far it is on all partitions, also those that
 * another process has, or nobody.
 */
export class FollowedStatus {
  private behindSince: number | null = null;

  constructor(private readonly projection: ProjectionName) {}

  of(partitions: readonly PartitionStatus[], deadLetters: number): ProjectionStatus {
    const { service, name } = this.projection;
    const here = partitions.filter(({ state }) => state !== 'unassigned');
    const lagPositions = partitions.reduce((sum, { lag }) => sum + lag, 0);
    const error = here.find((partition) => partition.error !== null)?.error ?? null;
    if (lagPositions === 0 && error === null) this.behindSince = null;
    else this.behindSince ??= Date.now();
    return {
      service,
      projection: name,
      state: STATES.find(([of]) => here.some(({ state }) => state === of))?.[1] ?? 'standby',
      position: partitions.reduce((sum, { position }) => sum + (position ?? 0), 0),
      lagPositions,
      lagSeconds: this.behindSince === null ? 0 : (Date.now() - this.behindSince) / 1000,
      deadLetters,
      error,
    };
  }
}
