import { type Columns, text, time, uuid } from '../../../platform/projections/column.js';
import { type PresentRow, presentRows } from '../../../platform/projections/present-rows.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';
import type { LinkEvent } from './link.events.js';

interface ReferenceRow extends PresentRow {
  conversation: string;
  reference: string;
  workspace: string;
  type: string;
  externalId: string;
  url: string | null;
  title: string | null;
  at: number;
}

const COLUMNS: Columns<ReferenceRow> = {
  conversation: uuid(({ conversation }) => conversation),
  reference: uuid(({ reference }) => reference),
  workspace: uuid(({ workspace }) => workspace),
  type: text(({ type }) => type),
  external_id: text(({ externalId }) => externalId),
  url: text(({ url }) => url),
  title: text(({ title }) => title),
  added_at: time(({ at }) => at),
};

type Referring = Extract<LinkEvent, { type: 'conversation.reference_added' | 'conversation.reference_removed' }>;

function thingOf(event: Referring): Pick<ReferenceRow, 'type' | 'externalId' | 'url' | 'title' | 'isThere'> {
  if (event.type === 'conversation.reference_removed') {
    return { type: '', externalId: '', url: null, title: null, isThere: false };
  }
  const { type, external_id: externalId, url, title } = event.data;
  return { type, externalId, url, title, isThere: true };
}

/** Things of other systems that conversations refer to, kept in the append's own transaction. */
export const refsProjection: Projection = {
  name: 'refs',
  service: 'conversation',
  inline: true,
  personal: true,
  tables: ['refs'],
  definition: ['libs/domains/conversation/migrations/0041_refs.sql'],
  types: ['conversation.reference_added', 'conversation.reference_removed'],
  project(events, table) {
    const rows = new Map<string, ReferenceRow>();
    for (const event of events as readonly (ProjectedEvent & Referring)[]) {
      const { stream: conversation, workspace, occurred_at: at } = event.meta;
      const reference = event.data.reference_id;
      rows.set(`${conversation} ${reference}`, { conversation, reference, workspace, at, ...thingOf(event) });
    }
    return [presentRows(table('refs'), COLUMNS, 2, rows.values())];
  },
};
