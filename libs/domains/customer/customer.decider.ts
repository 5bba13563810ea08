import { type Decider, isRefusal, type Refusal, refuse } from '../../platform/kernel/decider.js';
import {
  type ChangeFields,
  fieldEvents,
  type HeldFields,
  withField,
} from '../../platform/kernel/fields/held-fields.js';
import type { CustomerEvent } from './customer.events.js';

/** Makes a customer known, or brings what is known of them up to date. */
export interface UpsertCustomer {
  externalId: string;
  name: string;
  /** The values in custom fields that one who is new begins with. */
  fields?: ChangeFields;
}

export interface ChangeCustomerFields extends ChangeFields {
  type: 'change_fields';
}

export interface CustomerState {
  name: string;
  /** Which custom fields have a value; the values are kept beside the read models. */
  fields: HeldFields;
}

export const customerDecider: Decider<UpsertCustomer | ChangeCustomerFields, CustomerState, CustomerEvent> = {
  decide,
  evolve,
};

function decide(command: UpsertCustomer | ChangeCustomerFields, kept: CustomerState | null): CustomerEvent[] | Refusal {
  const state = whole(kept);
  if ('type' in command) {
    if (state === null) return refuse('not_found', 'There is no such customer in this workspace.');
    return fieldsChanged(command, state.fields);
  }
  if (state === null) return created(command);
  const events: CustomerEvent[] = [];
  if (command.name !== state.name) events.push({ type: 'customer.renamed', data: { name: command.name } });
  return events;
}

function created({ externalId, name, fields }: UpsertCustomer): CustomerEvent[] | Refusal {
  const event: CustomerEvent = { type: 'customer.created', data: { external_id: externalId, name } };
  // What is required is asked for when their fields are changed.
  const values = fields === undefined ? [] : fieldsChanged({ ...fields, required: [] }, {});
  return isRefusal(values) ? values : [event, ...values];
}

function fieldsChanged(command: ChangeFields, held: HeldFields): CustomerEvent[] | Refusal {
  const events = fieldEvents(command, held);
  if (isRefusal(events)) return events;
  return events.map(({ verb, data }) => ({ type: `customer.${verb}`, data }) as CustomerEvent);
}

function evolve(kept: CustomerState | null, event: CustomerEvent): CustomerState {
  if (event.type === 'customer.created') return { name: event.data.name, fields: {} };
  const state = whole(kept);
  if (state === null) throw new Error(`A customer's first event is ${event.type}.`);
  switch (event.type) {
    case 'customer.renamed':
      return { ...state, name: event.data.name };
    case 'customer.field_set':
      return { ...state, fields: withField(state.fields, { verb: 'field_set', data: event.data }) };
    case 'customer.field_cleared':
      return { ...state, fields: withField(state.fields, { verb: 'field_cleared', data: event.data }) };
    default:
      return event satisfies never;
  }
}

/** A state that was kept before there were custom fields lacks them, and none has a value. */
function whole(kept: CustomerState | null): CustomerState | null {
  return kept === null || kept.fields !== undefined ? kept : { ...(kept as CustomerState), fields: {} };
}
