import { idArray, textArray, timestampArray } from '../../../platform/postgres/binary-array.js';
import type { SqlStatement } from '../../../platform/postgres/connection.js';
import type { ProjectedEvent, Projection } from '../../../platform/projections/projection.js';
import type { AiAgentEvent } from '../ai-agent.events.js';

/** AI agents as they are now, kept in the append's own transaction. */
export const aiAgentsProjection: Projection = {
  name: 'ai_agents',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['ai_agents'],
  definition: ['libs/domains/user/migrations/0002_ai_agents.sql'],
  types: ['ai_agent.created', 'ai_agent.renamed'],
  project(events, table) {
    const target = table('ai_agents');
    const created = events.filter((event) => event.type === 'ai_agent.created');
    const changed = events.filter((event) => event.type !== 'ai_agent.created');
    return [
      ...(created.length > 0 ? [insert(target, created)] : []),
      ...(changed.length > 0 ? [update(target, changed)] : []),
    ];
  },
};

function insert(target: string, events: ProjectedEvent[]): SqlStatement {
  const data = events.map((event) => (event as AiAgentEvent & { type: 'ai_agent.created' }).data);
  return {
    name: `insert ${target}`,
    text: `insert into ${target} (id, workspace, external_id, name, created_at, updated_at)
           select i, w, x, n, at, at
             from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[]) e(i, w, x, n, at)`,
    values: [
      idArray(events.map((event) => event.meta.stream)),
      idArray(events.map((event) => event.meta.workspace)),
      textArray(data.map((d) => d.external_id)),
      textArray(data.map((d) => d.name)),
      timestampArray(events.map((event) => event.meta.occurred_at)),
    ],
  };
}

interface Changes {
  stream: string;
  name: string | null;
  at: number;
}

function update(target: string, events: ProjectedEvent[]): SqlStatement {
  const byStream = new Map<string, Changes>();
  for (const event of events) {
    const { stream, occurred_at: at } = event.meta;
    const change = byStream.get(stream) ?? { stream, name: null, at };
    byStream.set(stream, change);
    change.at = at;
    const fact = event as ProjectedEvent & AiAgentEvent;
    if (fact.type === 'ai_agent.renamed') change.name = fact.data.name;
  }
  const changes = [...byStream.values()];
  return {
    name: `update ${target}`,
    text: `update ${target} p
              set name = coalesce(e.name, p.name), updated_at = e.at
             from unnest($1::uuid[], $2::text[], $3::timestamptz[]) e(id, name, at)
            where p.id = e.id`,
    values: [
      idArray(changes.map((c) => c.stream)),
      textArray(changes.map((c) => c.name)),
      timestampArray(changes.map((c) => c.at)),
    ],
  };
}
