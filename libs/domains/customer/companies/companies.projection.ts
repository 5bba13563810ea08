import { flag, text } from '../../../platform/projections/column.js';
import { currentRows } from '../../../platform/projections/current-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';
import type { CompanyEvent } from './company.events.js';

interface Changes {
  name: string | null;
  /** JSON; null where they stay. */
  domains: string | null;
  archiving: boolean;
  archived: boolean;
}

const FROM_JSON = 'array(select jsonb_array_elements_text(e.domains::jsonb))';

/** Companies as they are now, kept in the append's own transaction. */
export const companiesProjection: Projection = {
  name: 'companies',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['companies'],
  definition: ['libs/domains/customer/migrations/0006_companies.sql'],
  types: [
    'company.created',
    'company.renamed',
    'company.domains_changed',
    'company.archived',
    'company.restored',
    'company.field_set',
    'company.field_cleared',
  ],
  project: currentRows<CompanyEvent, 'company.created', Changes>({
    table: 'companies',
    key: 'id',
    created: {
      type: 'company.created',
      columns: {
        external_id: text(({ data }) => data.external_id),
        name: text(({ data }) => data.name),
        domains: text(({ data }) => JSON.stringify(data.domains)),
      },
      set: { domains: FROM_JSON, created_at: 'e.at', updated_at: 'e.at' },
    },
    changed: {
      nothing: { name: null, domains: null, archiving: false, archived: false },
      fold(changes, event) {
        switch (event.type) {
          case 'company.renamed':
            changes.name = event.data.name;
            return;
          case 'company.domains_changed':
            changes.domains = JSON.stringify(event.data.domains);
            return;
          case 'company.archived':
          case 'company.restored':
            changes.archiving = true;
            changes.archived = event.type === 'company.archived';
            return;
          case 'company.field_set':
          case 'company.field_cleared':
            // Their time alone is kept here.
            return;
          default:
            event satisfies never;
        }
      },
      columns: {
        name: text(({ name }) => name),
        domains: text(({ domains }) => domains),
        archiving: flag(({ archiving }) => archiving),
        archived: flag(({ archived }) => archived),
      },
      set: {
        name: 'coalesce(e.name, r.name)',
        domains: `case when e.domains is null then r.domains else ${FROM_JSON} end`,
        archived: 'case when e.archiving then e.archived else r.archived end',
        updated_at: 'e.at',
      },
    },
  }),
};
