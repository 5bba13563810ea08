import { type Decider, isRefusal, type Refusal, refuse } from '../../../platform/kernel/decider.js';
import {
  type ChangeFields,
  fieldEventsOf,
  type HeldFields,
  withField,
} from '../../../platform/kernel/fields/held-fields.js';
import type { TenantEvent } from './tenant.events.js';

/** What is undefined stays as it is. */
export interface ChangeTenant {
  /** Given where the tenant is made by it if it is not there yet. */
  externalId?: string | undefined;
  name?: string | undefined;
  /** Null for none. */
  company?: string | null | undefined;
  archived?: boolean | undefined;
  /** The values in custom fields that a new one begins with. */
  firstFields?: ChangeFields | undefined;
  fields?: ChangeFields | undefined;
}

export interface TenantState {
  name: string;
  company: string | null;
  archived: boolean;
  /** Which custom fields have a value; the values are kept beside the read models. */
  fields: HeldFields;
}

/** An archived tenant can be changed, and restored. */
export const tenantDecider: Decider<ChangeTenant, TenantState, TenantEvent> = { decide, evolve };

function decide(command: ChangeTenant, kept: TenantState | null): TenantEvent[] | Refusal {
  const state = whole(kept);
  const { externalId, name, company, archived } = command;
  if (state === null) {
    if (externalId === undefined || name === undefined) {
      return refuse('not_found', 'There is no such tenant in this workspace.');
    }
    const values = firstValues(command);
    if (isRefusal(values)) return values;
    return [
      { type: 'tenant.created', data: { external_id: externalId, name, company_id: company ?? null } },
      ...values,
    ];
  }
  const events: TenantEvent[] = [];
  if (name !== undefined && name !== state.name) events.push({ type: 'tenant.renamed', data: { name } });
  if (company !== undefined && company !== state.company) {
    events.push({ type: 'tenant.company_changed', data: { company_id: company } });
  }
  if (archived !== undefined && archived !== state.archived) {
    events.push({ type: archived ? 'tenant.archived' : 'tenant.restored', data: {} });
  }
  if (command.fields === undefined) return events;
  const values = fieldEventsOf('tenant', command.fields, state.fields);
  return isRefusal(values) ? values : [...events, ...values];
}

/** What is required is asked for when its fields are changed. */
function firstValues({ firstFields }: ChangeTenant): TenantEvent[] | Refusal {
  return firstFields === undefined ? [] : fieldEventsOf('tenant', { ...firstFields, required: [] }, {});
}

/** A state that was kept before there were custom fields lacks them, and none has a value. */
function whole(kept: TenantState | null): TenantState | null {
  return kept === null || kept.fields !== undefined ? kept : { ...(kept as TenantState), fields: {} };
}

function evolve(kept: TenantState | null, event: TenantEvent): TenantState {
  if (event.type === 'tenant.created') {
    return { name: event.data.name, company: event.data.company_id, archived: false, fields: {} };
  }
  const state = whole(kept);
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
    case 'tenant.field_set':
      return { ...state, fields: withField(state.fields, { verb: 'field_set', data: event.data }) };
    case 'tenant.field_cleared':
      return { ...state, fields: withField(state.fields, { verb: 'field_cleared', data: event.data }) };
    default:
      return event satisfies never;
  }
}
