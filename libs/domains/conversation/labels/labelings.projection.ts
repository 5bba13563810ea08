import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';
import { type Columns, uuid } from '../../../platform/projections/column.js';
import { type PresentRow, presentRows } from '../../../platform/projections/present-rows.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';

type LabelChange = ProjectedEvent & DomainEvent<string, EventData['conversation.labeled']>;

interface LabelRow extends PresentRow {
  conversation: string;
  label: string;
  workspace: string;
}

const COLUMNS: Columns<LabelRow> = {
  conversation: uuid(({ conversation }) => conversation),
  label: uuid(({ label }) => label),
  workspace: uuid(({ workspace }) => workspace),
};

/** Which labels each conversation has, kept in the append's own transaction. */
export const labelingsProjection: Projection = {
  name: 'labelings',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['labelings'],
  definition: ['libs/domains/conversation/migrations/0006_labelings.sql'],
  types: ['conversation.labeled', 'conversation.unlabeled'],
  project(events, table) {
    const rows = new Map<string, LabelRow>();
    for (const { type, meta, data } of events as readonly LabelChange[]) {
      const { stream: conversation, workspace } = meta;
      const isThere = type === 'conversation.labeled';
      rows.set(`${conversation} ${data.label_id}`, { conversation, label: data.label_id, workspace, isThere });
    }
    return [presentRows(table('labelings'), COLUMNS, 2, rows.values())];
  },
};
