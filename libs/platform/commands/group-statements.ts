import { appendStatement, type Group } from '../event-store/append.js';
import type { StoreIdentity } from '../event-store/epoch.js';
import type { KeyStore } from '../keys/key-store.js';
import { uuidArray } from '../postgres/binary-array.js';
import type { SqlStatement } from '../postgres/connection.js';
import type { ProjectedEvent, Projection } from '../projections/projection.js';
import { awaitsKafka } from './command-problems.js';
import type { StreamWork } from './stream-work.js';

export interface StatementPorts {
  service: string;
  keys: KeyStore;
  inline: readonly Projection[];
  store(): StoreIdentity;
}

/**
 * Everything that a group writes, as the statements of one transaction: the append first, which may refuse it. Throws
 * the problem `unavailable` for a store that awaits Kafka: the life that is checked here is the one that the append compares.
 */
export function statementsOf(
  works: readonly StreamWork[],
  { service, keys, inline, store }: StatementPorts,
): { statements: SqlStatement[]; group: Group } {
  const identity = store();
  if (identity.awaitsKafka) throw awaitsKafka();
  const epoch = identity.epochs.at(-1)?.epoch ?? null;
  const group: Group = { streams: [], events: [], idempotency: [], claims: [], epoch };
  const projected: ProjectedEvent[] = [];
  for (const work of works) {
    const first = group.events.length;
    group.streams.push({
      stream: work.uuid,
      workspace: work.workspaceUuid,
      type: work.type,
      base: work.base,
      version: work.version,
      state: work.stateText,
    });
    for (const event of work.events) group.events.push(event);
    for (const event of work.projected) projected.push(event);
    for (const row of work.idempotency) {
      group.idempotency.push(row.event === null ? row : { ...row, event: first + row.event });
    }
    for (const claim of work.claims) group.claims.push(claim);
  }
  const statements: SqlStatement[] = [appendStatement(group), ...claimMoves(works)];
  const made = works.flatMap((work) => (work.madeKey === null ? [] : [work.madeKey.row]));
  if (made.length > 0) statements.push(keys.insertRows(made));
  const withheld = works.flatMap((work) => work.withheld);
  if (withheld.length > 0) statements.push(keys.withholdRows(withheld));
  if (projected.length > 0) {
    for (const projection of inline) {
      const wanted = projected.filter((event) => projection.types.includes(event.type));
      if (wanted.length === 0) continue;
      statements.push(...projection.project(wanted, (name) => `${service}.${name}`));
    }
  }
  return { statements, group };
}

/** The names that streams give up or go on having: one statement, where there are any. */
function claimMoves(works: readonly StreamWork[]): SqlStatement[] {
  const moves = works.flatMap(({ moves: ofStream, uuid, workspaceUuid }) =>
    [...ofStream.values()].map((move) => ({ ...move, stream: uuid, workspace: workspaceUuid })),
  );
  if (moves.length === 0) return [];
  const held = moves.filter((move) => move.held);
  const released = moves.filter((move) => move.released);
  return [
    {
      name: 'move_claims',
      text: 'select log.move_claims($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[])',
      values: [
        uuidArray(held.map(({ claim }) => claim)),
        uuidArray(held.map(({ workspace }) => workspace)),
        uuidArray(held.map(({ stream }) => stream)),
        uuidArray(released.map(({ claim }) => claim)),
        uuidArray(released.map(({ stream }) => stream)),
      ],
    },
  ];
}
