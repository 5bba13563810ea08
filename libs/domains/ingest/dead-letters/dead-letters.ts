import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { idToBytes, newId, toId } from '../../../platform/kernel/id.js';
import { type FieldError, Problem, type ProblemCode } from '../../../platform/kernel/problem.js';
import { seal, unseal } from '../../../platform/keys/aes-gcm.js';
import { portsOf, type ServicePorts } from '../../../platform/runtime/service-ports.js';
import { MOST_BYTES } from '../raw-topics/raw-record.js';
import type { PlacedRecord } from '../raw-topics/raw-recorder.js';

/** A record that was not taken, as it came, and why. */
export interface DeadLetter {
  id: string;
  record: PlacedRecord;
  cause: { code: ProblemCode; detail: string; errors: FieldError[] };
}

interface SealedContent {
  value: string | null;
  /** There was one that nobody could read. */
  unread?: true;
  headers: Record<string, string>;
  detail: string;
  errors: FieldError[];
}

interface Refused {
  record: PlacedRecord;
  problem: Problem;
}

interface LetterRow {
  id: string;
  topic: string;
  partition: number;
  record_offset: string;
  written_ms: number;
  code: ProblemCode;
  sealed: Buffer;
}

/** So long a dead letter is kept, whatever became of it. */
const KEPT_DAYS = 30;
const SWEEP_MS = 60 * 60 * 1000;
const AT_ONCE = 1000;
/** Of records that are written together. */
const BYTES_AT_ONCE = 8 * 1024 * 1024;

/** What came from Kafka and could not be taken. A record is there once, however often it comes. */
@Injectable()
export class DeadLetters implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(@Inject(portsOf('ingest')) private readonly ports: ServicePorts) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.sweep().catch(() => undefined), SWEEP_MS);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  async add(workspace: string, refused: readonly Refused[]): Promise<void> {
    for (const part of partsOf(refused)) await this.addPart(workspace, part);
  }

  private async addPart(workspace: string, refused: readonly Refused[]): Promise<void> {
    const key = (await this.keyOf(workspace)).settingAside;
    const rows = refused.map(({ record, problem }) => {
      const id = newId('dlt');
      const content = contentOf(record, problem);
      return { id, record, code: problem.code, sealed: seal(key, JSON.stringify(content), boundTo(workspace, id)) };
    });
    await this.ports.installation.query({
      name: 'add_dead_letters',
      text: `insert into ingest.raw_dead_letters
               (id, workspace, topic, partition, record_offset, written_at, code, sealed, bytes, received_at, tried_at)
             select id, $1, topic, partition, record_offset, written_at, code, sealed, bytes, now(), now()
               from unnest($2::uuid[], $3::text[], $4::integer[], $5::bigint[], $6::timestamptz[], $7::text[], $8::bytea[], $9::integer[])
                    e(id, topic, partition, record_offset, written_at, code, sealed, bytes)
             on conflict do nothing`,
      values: [
        idToBytes(workspace).toString('hex'),
        rows.map(({ id }) => idToBytes(id).toString('hex')),
        rows.map(({ record }) => record.topic),
        rows.map(({ record }) => record.partition),
        rows.map(({ record }) => record.offset),
        rows.map(({ record }) => new Date(record.timestamp)),
        rows.map(({ code }) => code),
        rows.map(({ sealed }) => sealed),
        rows.map(({ record }) => record.value?.length ?? 0),
      ],
    });
  }

  /** What is there of these ids, in the order in which the records came. */
  async read(workspace: string, ids: readonly string[]): Promise<DeadLetter[]> {
    const key = (await this.keyOf(workspace)).settingAside;
    const { rows } = await this.ports.installation.query<LetterRow>({
      name: 'raw_dead_letters_by_id',
      text: `select id, topic, partition, record_offset::text as record_offset, code, sealed,
                    (extract(epoch from written_at) * 1000)::double precision as written_ms
               from ingest.raw_dead_letters r
              where workspace = $1 and id = any ($2::uuid[]) order by topic, partition, r.record_offset`,
      values: [idToBytes(workspace).toString('hex'), ids.map((id) => idToBytes(id).toString('hex'))],
    });
    return rows.map((row) => {
      const id = toId('dlt', row.id);
      const plain = unseal(key, row.sealed, boundTo(workspace, id));
      if (plain === null) throw new Error(`The dead letter ${id} cannot be opened with its workspace's key.`);
      const { value, unread, headers, detail, errors } = JSON.parse(plain.toString('utf8')) as SealedContent;
      return {
        id,
        record: {
          topic: row.topic,
          partition: row.partition,
          offset: row.record_offset,
          timestamp: Math.round(row.written_ms),
          value: value === null ? null : Buffer.from(value, 'base64'),
          headers,
          ...(unread === true ? { unread: detail } : {}),
        },
        cause: { code: row.code, detail, errors },
      };
    });
  }

  /** It became an event, now or before. */
  async settle(workspace: string, settled: readonly { id: string; event: string }[]): Promise<void> {
    if (settled.length === 0) return;
    await this.ports.installation.query({
      name: 'settle_dead_letters',
      text: `update ingest.raw_dead_letters d set state = 'settled', event = e.event, tries = d.tries + 1, tried_at = now()
               from unnest($2::uuid[], $3::uuid[]) e(id, event)
              where d.workspace = $1 and d.id = e.id and d.state = 'waiting'`,
      values: [
        idToBytes(workspace).toString('hex'),
        settled.map(({ id }) => idToBytes(id).toString('hex')),
        settled.map(({ event }) => idToBytes(event).toString('hex')),
      ],
    });
  }

  /** It was refused again: what is said of it is the last cause. */
  async refuseAgain(workspace: string, letters: readonly { letter: DeadLetter; problem: Problem }[]): Promise<void> {
    if (letters.length === 0) return;
    const key = (await this.keyOf(workspace)).settingAside;
    const sealed = letters.map(({ letter: { id, record }, problem }) => {
      return seal(key, JSON.stringify(contentOf(record, problem)), boundTo(workspace, id));
    });
    await this.ports.installation.query({
      name: 'refuse_dead_letters',
      text: `update ingest.raw_dead_letters d set code = e.code, sealed = e.sealed, tries = d.tries + 1, tried_at = now()
               from unnest($2::uuid[], $3::text[], $4::bytea[]) e(id, code, sealed)
              where d.workspace = $1 and d.id = e.id and d.state = 'waiting'`,
      values: [
        idToBytes(workspace).toString('hex'),
        letters.map(({ letter }) => idToBytes(letter.id).toString('hex')),
        letters.map(({ problem }) => problem.code),
        sealed,
      ],
    });
  }

  /** Forgets what is older than it is kept. */
  async sweep(): Promise<void> {
    for (;;) {
      const { rowCount } = await this.ports.installation.query({
        text: `delete from ingest.raw_dead_letters where id in (
                 select id from ingest.raw_dead_letters where received_at < now() - make_interval(days => $1)
                  limit ${AT_ONCE} for update skip locked)`,
        values: [KEPT_DAYS],
      });
      if ((rowCount ?? 0) < AT_ONCE) return;
    }
  }

  private keyOf(workspace: string) {
    return this.ports.writing.keys.workspaceKey(this.ports.installation, workspace);
  }
}

/** What no try could read is not kept. */
function contentOf({ value, headers, unread }: PlacedRecord, { detail, more }: Problem): SealedContent {
  const isTooLong = value !== null && value.length > MOST_BYTES;
  return {
    value: value === null || isTooLong ? null : value.toString('base64'),
    ...(isTooLong || unread !== undefined ? { unread: true } : {}),
    headers: { ...headers },
    detail,
    errors: more.errors ?? [],
  };
}

/** Each of at least one. */
function* partsOf(refused: readonly Refused[]): Generator<Refused[]> {
  let part: Refused[] = [];
  let bytes = 0;
  for (const one of refused) {
    part.push(one);
    bytes += Math.min(one.record.value?.length ?? 0, MOST_BYTES);
    if (bytes < BYTES_AT_ONCE) continue;
    yield part;
    [part, bytes] = [[], 0];
  }
  if (part.length > 0) yield part;
}

function boundTo(workspace: string, id: string): Buffer {
  return Buffer.from(`${id} of ${workspace}`);
}
