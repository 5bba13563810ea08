import { isUtf8 } from 'node:buffer';
import { Inject } from '@nestjs/common';
import { idToBytes, toId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Caller } from '../../../platform/operations/caller.js';
import { Handles, OperationController } from '../../../platform/operations/handles.js';
import type { InputOf } from '../../../platform/operations/operation.js';
import { ok, type Reply } from '../../../platform/operations/reply.js';
import { type Resource, ResourceReads, shownColumns, shownRow } from '../../../platform/reads/resource-reads.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { getDeadLetter, listDeadLetters, redriveDeadLetter, redriveDeadLetters } from './dead-letter.operations.js';
import { DeadLetters } from './dead-letters.js';
import { Redrive, type RedriveOutcome } from './redrive.js';

const DEAD_LETTERS: Resource = {
  service: 'ingest',
  table: 'raw_dead_letters',
  prefix: 'dlt',
  noun: 'dead letter',
  columns: ['topic', 'partition', 'written_at', 'code', 'bytes', 'state', 'event', 'tries', 'received_at', 'tried_at'],
  ids: { event: 'evt' },
  derived: { offset: 'r.record_offset::double precision' },
};

/** Records that are opened together, bytes: of a batch they are in memory several times. */
const MOST_BYTES = 16 * 1024 * 1024;

@OperationController()
export class DeadLetterController {
  private readonly reads: ResourceReads;

  constructor(
    @Inject(portsOf('ingest')) private readonly ports: ServicePorts,
    @Inject(DeadLetters) private readonly letters: DeadLetters,
    @Inject(Redrive) private readonly redrive: Redrive,
  ) {
    this.reads = new ResourceReads(ports.reads, DEAD_LETTERS);
  }

  @Handles(listDeadLetters)
  async list({ query }: InputOf<typeof listDeadLetters>, caller: Caller): Promise<Reply> {
    const { state, code, received_after, received_before } = query;
    return ok(
      await this.reads.list(caller.workspace!, undefined, query, {
        'state =': state,
        'code =': code,
        'received_at >': received_after,
        'received_at <': received_before,
      }),
    );
  }

  @Handles(getDeadLetter)
  async get({ params }: InputOf<typeof getDeadLetter>, caller: Caller): Promise<Reply> {
    const { rows } = await this.ports.reads.query<{ id: string }>(caller.workspace!, {
      name: 'one of raw_dead_letters',
      text: `select ${shownColumns(DEAD_LETTERS)} from ingest.raw_dead_letters r where r.id = $1`,
      values: [idToBytes(params.id)],
    });
    const [letter] = rows.length === 0 ? [] : await this.letters.read(caller.workspace!, [params.id]);
    if (letter === undefined) throw noSuchLetter(params.id);
    const { value, headers } = letter.record;
    const isText = value !== null && isUtf8(value);
    return ok({
      ...shownRow(DEAD_LETTERS, rows[0]!),
      detail: letter.cause.detail,
      errors: letter.cause.errors,
      headers,
      value: isText ? value.toString('utf8') : null,
      value_base64: value === null || isText ? null : value.toString('base64'),
    });
  }

  @Handles(redriveDeadLetter)
  async redriveOne({ params }: InputOf<typeof redriveDeadLetter>, caller: Caller): Promise<Reply> {
    const { outcomes, position } = await this.redrive.all(caller, [params.id]);
    const [outcome] = outcomes;
    if (outcome === undefined) throw noSuchLetter(params.id);
    return { ...ok(outcome), ...(position === undefined ? {} : { position }) };
  }

  @Handles(redriveDeadLetters)
  async redriveRange({ body }: InputOf<typeof redriveDeadLetters>, caller: Caller): Promise<Reply> {
    const { code = null, received_after = null, received_before = null, tried_before = null, limit } = body;
    // By the database's clock alone: ids are drawn by processes, and one may be there later than one that is greater.
    const before = tried_before ?? (await this.now(caller.workspace!));
    const { rows } = await this.ports.reads.query<{ id: string; bytes: number }>(caller.workspace!, {
      name: 'waiting_dead_letters',
      text: `select id, bytes from ingest.raw_dead_letters
              where workspace = $1 and state = 'waiting' and ($2::text is null or code = $2)
                and ($3::timestamptz is null or received_at > $3) and ($4::timestamptz is null or received_at < $4)
                and tried_at < $5
              order by id limit $6`,
      values: [idToBytes(caller.workspace!), code, received_after, received_before, before, limit + 1],
    });
    const ids = rows.slice(0, rowsWithin(rows, limit)).map(({ id }) => toId('dlt', id));
    const { outcomes, position } = await this.redrive.all(caller, ids);
    const data = outcomes.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const answer = ok({
      recorded: countOf(data, 'recorded'),
      duplicates: countOf(data, 'duplicate'),
      refused: countOf(data, 'refused'),
      more: rows.length > ids.length,
      tried_before: before,
      data,
    });
    return { ...answer, ...(position === undefined ? {} : { position }) };
  }

  private async now(workspace: string): Promise<string> {
    const { rows } = await this.ports.reads.query<{ ms: number }>(workspace, {
      name: 'now',
      text: 'select floor(extract(epoch from now()) * 1000)::double precision as ms',
      values: [],
    });
    return new Date(rows[0]!.ms).toISOString();
  }
}

/** How many of them fit together: one at least. */
function rowsWithin(rows: readonly { bytes: number }[], limit: number): number {
  let bytes = 0;
  const over = rows.findIndex((row, i) => {
    bytes += row.bytes;
    return i >= limit || (i > 0 && bytes > MOST_BYTES);
  });
  return over === -1 ? rows.length : over;
}

function countOf(outcomes: readonly RedriveOutcome[], status: RedriveOutcome['status']): number {
  return outcomes.filter((outcome) => outcome.status === status).length;
}

function noSuchLetter(id: string): Problem {
  return new Problem('not_found', `There is no dead letter ${id} in this workspace.`);
}
