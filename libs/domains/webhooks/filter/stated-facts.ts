import type { EventData, EventType } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';

export const FACT_KINDS = [
  'customer',
  'channel',
  'status',
  'priority',
  'assignee',
  'team',
  'label',
  'company',
  'tenant',
  'merged_into',
  'custom_field',
] as const;
export type FactKind = (typeof FACT_KINDS)[number];

/** What an event says is so from it on, of the thing whose stream it is on. */
export interface StatedFact {
  kind: FactKind;
  /** Of what a thing has many of: which one; else the empty text. */
  key: string;
  value: string | null;
  /** The id of a thing whose facts count for this one, too. */
  leadsTo: string | null;
  isOn: boolean;
}

type FieldSet = EventData['customer.field_set'];
type Told = { [Type in EventType]: DomainEvent<Type, EventData[Type]> }[EventType];

/** Every type of event that states something; all others state nothing, whatever they say. */
export const STATING_TYPES = [
  'conversation.created',
  'conversation.priority_changed',
  'conversation.snoozed',
  'conversation.unsnoozed',
  'conversation.closed',
  'conversation.reopened',
  'conversation.assigned',
  'conversation.unassigned',
  'conversation.team_assigned',
  'conversation.team_unassigned',
  'conversation.labeled',
  'conversation.unlabeled',
  'conversation.field_set',
  'conversation.field_cleared',
  'customer.company_joined',
  'customer.company_left',
  'customer.tenant_joined',
  'customer.tenant_left',
  'customer.merged',
  'customer.unmerged',
  'customer.field_set',
  'customer.field_cleared',
  'company.field_set',
  'company.field_cleared',
  'tenant.field_set',
  'tenant.field_cleared',
] as const satisfies readonly EventType[];

/**
 * A conversation begins open and of normal priority, which no event says and no row has. A merge of conversations states
 * nothing beside the closing that comes with it: as in lists, each stays what it is.
 */
export function statedFacts(event: DomainEvent): StatedFact[] {
  const { type: stated, data } = event as Extract<Told, { type: (typeof STATING_TYPES)[number] }>;
  switch (stated) {
    case 'conversation.created':
      return [linked('customer', '', data.customer_id, true), plain('channel', data.channel)];
    case 'conversation.priority_changed':
      return [plain('priority', data.priority)];
    case 'conversation.snoozed':
      return [plain('status', 'snoozed')];
    case 'conversation.closed':
      return [plain('status', 'closed')];
    case 'conversation.unsnoozed':
    case 'conversation.reopened':
      return [plain('status', 'open')];
    case 'conversation.assigned':
      return [plain('assignee', data.assignee.id)];
    case 'conversation.unassigned':
      return [plain('assignee', null)];
    case 'conversation.team_assigned':
      return [plain('team', data.team_id)];
    case 'conversation.team_unassigned':
      return [plain('team', null)];
    case 'conversation.labeled':
    case 'conversation.unlabeled':
      return [{ ...plain('label', null), key: data.label_id, isOn: stated === 'conversation.labeled' }];
    case 'customer.company_joined':
    case 'customer.company_left':
      return [linked('company', data.company_id, data.company_id, stated === 'customer.company_joined')];
    case 'customer.tenant_joined':
    case 'customer.tenant_left':
      return [linked('tenant', data.tenant_id, data.tenant_id, stated === 'customer.tenant_joined')];
    case 'customer.merged':
      return [linked('merged_into', '', data.into_id, true)];
    case 'customer.unmerged':
      return [linked('merged_into', '', data.from_id, false)];
    case 'conversation.field_set':
    case 'customer.field_set':
    case 'company.field_set':
    case 'tenant.field_set':
      return [{ ...plain('custom_field', comparable(data as FieldSet)), key: data.key, isOn: true }];
    case 'conversation.field_cleared':
    case 'customer.field_cleared':
    case 'company.field_cleared':
    case 'tenant.field_cleared':
      return [{ ...plain('custom_field', null), key: data.key }];
    default: {
      stated satisfies never;
      return [];
    }
  }
}

/** A text is asked for its words only, which no endpoint does, and a personal value stands in no event in the open. */
function comparable({ kind, value }: FieldSet): string | null {
  return kind === 'text' ? null : value;
}

function plain(kind: FactKind, value: string | null): StatedFact {
  return { kind, key: '', value, leadsTo: null, isOn: value !== null };
}

function linked(kind: FactKind, key: string, leadsTo: string, isOn: boolean): StatedFact {
  return { kind, key, value: null, leadsTo, isOn };
}
