import { flag, text, uuid } from '../../../platform/projections/column.js';
import { currentRows } from '../../../platform/projections/current-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';
import type { TenantEvent } from './tenant.events.js';

interface Changes {
  name: string | null;
  companyChanged: boolean;
  company: string | null;
  archiving: boolean;
  archived: boolean;
}

/** Tenants as they are now, kept in the append's own transaction. */
export const tenantsProjection: Projection = {
  name: 'tenants',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['tenants'],
  definition: ['libs/domains/customer/migrations/0007_tenants.sql'],
  types: [
    'tenant.created',
    'tenant.renamed',
    'tenant.company_changed',
    'tenant.archived',
    'tenant.restored',
    'tenant.field_set',
    'tenant.field_cleared',
  ],
  project: currentRows<TenantEvent, 'tenant.created', Changes>({
    table: 'tenants',
    key: 'id',
    created: {
      type: 'tenant.created',
      columns: {
        external_id: text(({ data }) => data.external_id),
        name: text(({ data }) => data.name),
        company_id: uuid(({ data }) => data.company_id),
      },
      set: { created_at: 'e.at', updated_at: 'e.at' },
    },
    changed: {
      nothing: { name: null, companyChanged: false, company: null, archiving: false, archived: false },
      fold(changes, event) {
        switch (event.type) {
          case 'tenant.renamed':
            changes.name = event.data.name;
            return;
          case 'tenant.company_changed':
            changes.companyChanged = true;
            changes.company = event.data.company_id;
            return;
          case 'tenant.archived':
          case 'tenant.restored':
            changes.archiving = true;
            changes.archived = event.type === 'tenant.archived';
            return;
          case 'tenant.field_set':
          case 'tenant.field_cleared':
            // Their time alone is kept here.
            return;
          default:
            event satisfies never;
        }
      },
      columns: {
        name: text(({ name }) => name),
        company_changed: flag(({ companyChanged }) => companyChanged),
        company_id: uuid(({ company }) => company),
        archiving: flag(({ archiving }) => archiving),
        archived: flag(({ archived }) => archived),
      },
      set: {
        name: 'coalesce(e.name, r.name)',
        company_id: 'case when e.company_changed then e.company_id else r.company_id end',
        archived: 'case when e.archiving then e.archived else r.archived end',
        updated_at: 'e.at',
      },
    },
  }),
};
