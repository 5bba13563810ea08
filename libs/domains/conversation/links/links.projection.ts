import { type Columns, text, uuid } from '../../../platform/projections/column.js';
import { type PresentRow, presentRows } from '../../../platform/projections/present-rows.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';
import type { LinkEvent } from './link.events.js';

interface LinkRow extends PresentRow {
  conversation: string;
  kind: string;
  other: string;
  workspace: string;
}

const COLUMNS: Columns<LinkRow> = {
  conversation: uuid(({ conversation }) => conversation),
  kind: text(({ kind }) => kind),
  other: uuid(({ other }) => other),
  workspace: uuid(({ workspace }) => workspace),
};

type Linking = Exclude<LinkEvent, { type: 'conversation.reference_added' | 'conversation.reference_removed' }>;

function tieOf(event: Linking): { kind: string; other: string; isThere: boolean } {
  switch (event.type) {
    case 'conversation.linked':
    case 'conversation.unlinked': {
      const { kind, conversation_id: other } = event.data;
      return { kind, other, isThere: event.type === 'conversation.linked' };
    }
    case 'conversation.merged':
      return { kind: 'merged_into', other: event.data.into_id, isThere: true };
    case 'conversation.forked':
      return { kind: 'forked_from', other: event.data.from_id, isThere: true };
    default:
      return event satisfies never;
  }
}

/** Which conversations belong together, kept in the append's own transaction. */
export const linksProjection: Projection = {
  name: 'links',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['links'],
  definition: ['libs/domains/conversation/migrations/0040_links.sql'],
  types: ['conversation.linked', 'conversation.unlinked', 'conversation.merged', 'conversation.forked'],
  project(events, table) {
    const rows = new Map<string, LinkRow>();
    for (const event of events as readonly (ProjectedEvent & Linking)[]) {
      const { stream: conversation, workspace } = event.meta;
      const tie = tieOf(event);
      rows.set(`${conversation} ${tie.kind} ${tie.other}`, { conversation, workspace, ...tie });
    }
    return [presentRows(table('links'), COLUMNS, 3, rows.values())];
  },
};
