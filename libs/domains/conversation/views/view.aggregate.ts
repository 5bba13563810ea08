import type { Aggregate, Claim } from '../../../platform/commands/command.js';
import { type ChangeView, type ViewState, viewDecider } from './view.decider.js';
import type { ViewEvent } from './view.events.js';

/** A question that a workspace, or one of its users, asks again and again. Nothing of it is personal. */
export const viewAggregate: Aggregate<ChangeView, ViewState, ViewEvent> = {
  type: 'view',
  prefix: 'vie',
  decider: viewDecider,
  subjectOf: () => null,
  claimsOf: (event) =>
    event.type === 'view.created' || event.type === 'view.renamed'
      ? [viewNamed(event.data.owner_id, event.data.name)]
      : [],
};

/** A name is taken for good, whatever its case, among the views that all share, or among those of one user. */
export function viewNamed(owner: string | null, name: string): Claim {
  return { kind: 'view', ...(owner === null ? {} : { scope: owner }), value: name.toLowerCase() };
}
