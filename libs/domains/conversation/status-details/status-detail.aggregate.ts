import type { Aggregate, Claim } from '../../../platform/commands/command.js';
import {
  type ArchiveStatusDetail,
  type MakeStatusDetail,
  type StatusDetailState,
  statusDetailDecider,
} from './status-detail.decider.js';
import type { StatusDetailEvent } from './status-detail.events.js';

/** A word of the workspace's own: nothing of it is personal. */
export const statusDetailAggregate: Aggregate<
  MakeStatusDetail | ArchiveStatusDetail,
  StatusDetailState,
  StatusDetailEvent
> = {
  type: 'status_detail',
  prefix: 'sdt',
  decider: statusDetailDecider,
  subjectOf: () => null,
  claimsOf: (event) =>
    event.type === 'status_detail.created' ? [detailNamed(event.data.status, event.data.name)] : [],
};

/** A name is taken for good under its status, whatever its case. */
export function detailNamed(status: string, name: string): Claim {
  return { kind: 'status_detail', scope: status, value: name.toLowerCase() };
}
