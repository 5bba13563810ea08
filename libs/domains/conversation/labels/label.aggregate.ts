import type { Aggregate, Claim } from '../../../platform/commands/command.js';
import { type ChangeLabel, type LabelState, labelDecider } from './label.decider.js';
import type { LabelEvent } from './label.events.js';

/** A word of the workspace's own: nothing of it is personal. */
export const labelAggregate: Aggregate<ChangeLabel, LabelState, LabelEvent> = {
  type: 'label',
  prefix: 'lbl',
  decider: labelDecider,
  subjectOf: () => null,
  claimsOf: (event) =>
    event.type === 'label.created' || event.type === 'label.renamed' ? [labelNamed(event.data.name)] : [],
};

/** A name is taken for good, whatever its case: what carries the label's former name still means this one. */
export function labelNamed(name: string): Claim {
  return { kind: 'label', value: name.toLowerCase() };
}
