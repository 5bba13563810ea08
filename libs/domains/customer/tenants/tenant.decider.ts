import { type Decider, type Refusal, refuse } from '../../../platform/kernel/decider.js';
import type { TenantEvent } from './tenant.events.js';

/** What is undefined stays as it is. */
export interface ChangeTenant {
  /** Given where the tenant is made by it if it is not there yet. */
  externalId?: string | undefined;
  name?: string | undefined;
  /** Null for none. */
  company?: string | null | undefined;
  archived?: boolean | undefined;
}

export interface TenantState {
  name: string;
  company: string | null;
  archived: boolean;
}

/** An archived tenant can be changed, and restored. */
export const tenantDecider: Decider<ChangeTenant, TenantState, TenantEvent> = { decide, evolve };

function decide(command: ChangeTenant, state: TenantState | null): TenantEvent[] | Refusal {
  const { externalId, name, company, archived } = command;
  if (state === null) {
    if (externalId === undefined || name === undefined) {
      return refuse('not_found', 'There is no such tenant in this workspace.');
    }
    return [{ type: 'tenant.created', data: { external_id: externalId, name, company_id: company ?? null } }];
  }
  const events: TenantEvent[] = [];
  if (name !== undefined && name !== state.name) events.push({ type: 'tenant.renamed', data: { name } });
  if (company !== undefined && company !== state.company) {
    events.push({ type: 'tenant.company_changed', data: { company_id: company } });
  }
  if (archived !== undefined && archived !== state.archived) {
    events.push({ type: archived ? 'tenant.archived' : 'tenant.restored', data: {} });
  }
  return events;
}

function evolve(state: TenantState | null, event: TenantEvent): TenantState {
  if (event.type === 'tenant.created') {
    return { name: event.data.name, company: event.data.company_id, archived: false };
  }
  if (state === null) throw new Error(`A tenant's first event is ${event.type}.`);
  switch (event.type) {
    case 'tenant.renamed':
      return { ...state, name: event.data.name };
    case 'tenant.company_changed':
      return { ...state, company: event.data.company_id };
    case 'tenant.archived':
      return { ...state, archived: true };
    case 'tenant.restored':
      return { ...state, archived: false };
    default:
      return event satisfies never;
  }
}
