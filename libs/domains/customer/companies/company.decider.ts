import { type Decider, isRefusal, type Refusal, refuse } from '../../../platform/kernel/decider.js';
import {
  type ChangeFields,
  fieldEventsOf,
  type HeldFields,
  withField,
} from '../../../platform/kernel/fields/held-fields.js';
import type { CompanyEvent } from './company.events.js';

/** What is undefined stays as it is. */
export interface ChangeCompany {
  /** Given where the company is made by it if it is not there yet. */
  externalId?: string | undefined;
  name?: string | undefined;
  domains?: readonly string[] | undefined;
  archived?: boolean | undefined;
  /** The values in custom fields that a new one begins with. */
  firstFields?: ChangeFields | undefined;
  fields?: ChangeFields | undefined;
}

export interface CompanyState {
  name: string;
  domains: readonly string[];
  archived: boolean;
  /** Which custom fields have a value; the values are kept beside the read models. */
  fields: HeldFields;
}

/** An archived company can be changed, and restored. */
export const companyDecider: Decider<ChangeCompany, CompanyState, CompanyEvent> = { decide, evolve };

function decide(command: ChangeCompany, kept: CompanyState | null): CompanyEvent[] | Refusal {
  const state = whole(kept);
  const { externalId, name, archived } = command;
  const domains = command.domains === undefined ? undefined : [...new Set(command.domains)];
  if (state === null) {
    if (externalId === undefined || name === undefined) {
      return refuse('not_found', 'There is no such company in this workspace.');
    }
    const values = firstValues(command);
    if (isRefusal(values)) return values;
    return [{ type: 'company.created', data: { external_id: externalId, name, domains: domains ?? [] } }, ...values];
  }
  const events: CompanyEvent[] = [];
  if (name !== undefined && name !== state.name) events.push({ type: 'company.renamed', data: { name } });
  if (domains !== undefined && !isSame(domains, state.domains)) {
    events.push({ type: 'company.domains_changed', data: { domains } });
  }
  if (archived !== undefined && archived !== state.archived) {
    events.push({ type: archived ? 'company.archived' : 'company.restored', data: {} });
  }
  if (command.fields === undefined) return events;
  const values = fieldEventsOf('company', command.fields, state.fields);
  return isRefusal(values) ? values : [...events, ...values];
}

/** What is required is asked for when its fields are changed. */
function firstValues({ firstFields }: ChangeCompany): CompanyEvent[] | Refusal {
  return firstFields === undefined ? [] : fieldEventsOf('company', { ...firstFields, required: [] }, {});
}

/** A state that was kept before there were custom fields lacks them, and none has a value. */
function whole(kept: CompanyState | null): CompanyState | null {
  return kept === null || kept.fields !== undefined ? kept : { ...(kept as CompanyState), fields: {} };
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((domain, i) => domain === b[i]);
}

function evolve(kept: CompanyState | null, event: CompanyEvent): CompanyState {
  if (event.type === 'company.created') {
    return { name: event.data.name, domains: event.data.domains, archived: false, fields: {} };
  }
  const state = whole(kept);
  if (state === null) throw new Error(`A company's first event is ${event.type}.`);
  switch (event.type) {
    case 'company.renamed':
    case 'company.domains_changed':
      return { ...state, ...event.data };
    case 'company.archived':
      return { ...state, archived: true };
    case 'company.restored':
      return { ...state, archived: false };
    case 'company.field_set':
      return { ...state, fields: withField(state.fields, { verb: 'field_set', data: event.data }) };
    case 'company.field_cleared':
      return { ...state, fields: withField(state.fields, { verb: 'field_cleared', data: event.data }) };
    default:
      return event satisfies never;
  }
}
