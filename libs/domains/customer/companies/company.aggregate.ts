import type { Aggregate } from '../../../platform/commands/command.js';
import { type ChangeCompany, type CompanyState, companyDecider } from './company.decider.js';
import type { CompanyEvent } from './company.events.js';

/** An organization and no person: nothing of it is sealed. */
export const companyAggregate: Aggregate<ChangeCompany, CompanyState, CompanyEvent> = {
  type: 'company',
  prefix: 'com',
  decider: companyDecider,
  subjectOf: () => null,
  claimsOf: (event) => (event.type === 'company.created' ? [{ kind: 'company', value: event.data.external_id }] : []),
};
