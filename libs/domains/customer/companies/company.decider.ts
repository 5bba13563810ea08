import { type Decider, type Refusal, refuse } from '../../../platform/kernel/decider.js';
import type { CompanyEvent } from './company.events.js';

/** What is undefined stays as it is. */
export interface ChangeCompany {
  /** Given where the company is made by it if it is not there yet. */
  externalId?: string | undefined;
  name?: string | undefined;
  domains?: readonly string[] | undefined;
  archived?: boolean | undefined;
}

export interface CompanyState {
  name: string;
  domains: readonly string[];
  archived: boolean;
}

/** An archived company can be changed, and restored. */
export const companyDecider: Decider<ChangeCompany, CompanyState, CompanyEvent> = { decide, evolve };

function decide(command: ChangeCompany, state: CompanyState | null): CompanyEvent[] | Refusal {
  const { externalId, name, archived } = command;
  const domains = command.domains === undefined ? undefined : [...new Set(command.domains)];
  if (state === null) {
    if (externalId === undefined || name === undefined) {
      return refuse('not_found', 'There is no such company in this workspace.');
    }
    return [{ type: 'company.created', data: { external_id: externalId, name, domains: domains ?? [] } }];
  }
  const events: CompanyEvent[] = [];
  if (name !== undefined && name !== state.name) events.push({ type: 'company.renamed', data: { name } });
  if (domains !== undefined && !isSame(domains, state.domains)) {
    events.push({ type: 'company.domains_changed', data: { domains } });
  }
  if (archived !== undefined && archived !== state.archived) {
    events.push({ type: archived ? 'company.archived' : 'company.restored', data: {} });
  }
  return events;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((domain, i) => domain === b[i]);
}

function evolve(state: CompanyState | null, event: CompanyEvent): CompanyState {
  if (event.type === 'company.created') {
    return { name: event.data.name, domains: event.data.domains, archived: false };
  }
  if (state === null) throw new Error(`A company's first event is ${event.type}.`);
  switch (event.type) {
    case 'company.renamed':
    case 'company.domains_changed':
      return { ...state, ...event.data };
    case 'company.archived':
      return { ...state, archived: true };
    case 'company.restored':
      return { ...state, archived: false };
    default:
      return event satisfies never;
  }
}
