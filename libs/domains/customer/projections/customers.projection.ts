import { flag, text, time, uuid } from '../../../platform/projections/column.js';
import { currentRows } from '../../../platform/projections/current-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';
import type { CustomerBegun, CustomerEvent, IdentityEvent, MembershipEvent } from '../customer.events.js';

interface Changes {
  externalId: string | null;
  name: string | null;
  languageChanged: boolean;
  language: string | null;
  timeZoneChanged: boolean;
  timeZone: string | null;
  mergeChanged: boolean;
  mergedInto: string | null;
  undoUntil: number | null;
}

/** Customers as they are now, kept in the append's own transaction. */
export const customersProjection: Projection = {
  name: 'customers',
  service: 'conversation',
  inline: true,
  personal: true,
  tables: ['customers'],
  definition: [
    'libs/domains/customer/migrations/0001_customers.sql',
    'libs/domains/customer/migrations/0002_customers_unsampled.sql',
    'libs/domains/customer/migrations/0003_customer_profiles.sql',
  ],
  types: [
    'customer.created',
    'customer.placeholder_created',
    'customer.identified',
    'customer.renamed',
    'customer.language_changed',
    'customer.time_zone_changed',
    'customer.merged',
    'customer.unmerged',
    'customer.field_set',
    'customer.field_cleared',
  ],
  project: currentRows<Exclude<CustomerEvent, IdentityEvent | MembershipEvent>, CustomerBegun['type'], Changes>({
    table: 'customers',
    key: 'id',
    created: {
      type: ['customer.created', 'customer.placeholder_created'],
      columns: {
        external_id: text(({ data }) => data.external_id),
        name: text(({ data }) => data.name),
        placeholder: flag(({ type }) => type === 'customer.placeholder_created'),
      },
      set: { created_at: 'e.at', updated_at: 'e.at' },
    },
    changed: {
      nothing: {
        externalId: null,
        name: null,
        languageChanged: false,
        language: null,
        timeZoneChanged: false,
        timeZone: null,
        mergeChanged: false,
        mergedInto: null,
        undoUntil: null,
      },
      fold(changes, event) {
        switch (event.type) {
          case 'customer.identified':
            changes.externalId = event.data.external_id;
            return;
          case 'customer.renamed':
            changes.name = event.data.name;
            return;
          case 'customer.language_changed':
            changes.languageChanged = true;
            changes.language = event.data.language;
            return;
          case 'customer.time_zone_changed':
            changes.timeZoneChanged = true;
            changes.timeZone = event.data.time_zone;
            return;
          case 'customer.merged':
          case 'customer.unmerged':
            changes.mergeChanged = true;
            changes.mergedInto = event.type === 'customer.merged' ? event.data.into_id : null;
            changes.undoUntil = event.type === 'customer.merged' ? event.data.undo_until : null;
            return;
          case 'customer.field_set':
          case 'customer.field_cleared':
            // Their time alone is kept here.
            return;
          default:
            event satisfies never;
        }
      },
      columns: {
        external_id: text(({ externalId }) => externalId),
        name: text(({ name }) => name),
        language_changed: flag(({ languageChanged }) => languageChanged),
        language: text(({ language }) => language),
        time_zone_changed: flag(({ timeZoneChanged }) => timeZoneChanged),
        time_zone: text(({ timeZone }) => timeZone),
        merge_changed: flag(({ mergeChanged }) => mergeChanged),
        merged_into_id: uuid(({ mergedInto }) => mergedInto),
        undo_until: time(({ undoUntil }) => undoUntil),
      },
      set: {
        external_id: 'coalesce(e.external_id, r.external_id)',
        placeholder: 'r.placeholder and e.external_id is null',
        name: 'coalesce(e.name, r.name)',
        language: 'case when e.language_changed then e.language else r.language end',
        time_zone: 'case when e.time_zone_changed then e.time_zone else r.time_zone end',
        merged_into_id: 'case when e.merge_changed then e.merged_into_id else r.merged_into_id end',
        undo_until: 'case when e.merge_changed then e.undo_until else r.undo_until end',
        updated_at: 'e.at',
      },
    },
  }),
};
