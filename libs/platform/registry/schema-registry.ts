import { Connection } from '../postgres/connection.js';
import type { SchemaReference } from './avro-schema.js';
import { type CompatibilityLevel, compatibilityLevelOf } from './compatibility.js';
import { refused } from './registry-error.js';
import {
  GLOBAL,
  idOf,
  levelOf,
  type Mode,
  mustBeWritable,
  pick,
  type Query,
  referrers,
  type SchemaVersion,
  SELECT_VERSIONS,
  set,
  settingsOf,
  type VersionId,
  versionsOf,
} from './registry-tables.js';
import { SchemaCompiler } from './schema-compiler.js';
import { deleteSubject, deleteVersion } from './schema-deletion.js';
import type { SchemaProposal } from './schema-proposal.js';
import { registerSchema } from './schema-registration.js';

export interface KeptSchema {
  schema: string;
  references: SchemaReference[];
}

/**
 * The schemas by subject and version, and each by its id. Every method throws `RegistryError` with Confluent's code,
 * and `unavailable` while Postgres is away. Any number of processes may use the same tables at once.
 */
export class SchemaRegistry {
  private readonly reads: Connection;
  private readonly writes: Connection;
  /** Writers of this process wait here rather than in Postgres: one connection has one transaction. */
  private lastWrite: Promise<unknown> = Promise.resolve();
  private readonly compiler = new SchemaCompiler();

  constructor(databaseUrl: string) {
    const session = (applicationName: string) =>
      new Connection({
        url: databaseUrl,
        role: 'heddle_registry',
        applicationName,
        parameters: { statement_timeout: '5s', lock_timeout: '3s', idle_in_transaction_session_timeout: '5s' },
      });
    this.reads = session('heddle registry read');
    this.writes = session('heddle registry write');
  }

  async ready(): Promise<void> {
    await Promise.all([this.reads.ready(), this.writes.ready()]);
  }

  async close(): Promise<void> {
    await Promise.all([this.reads.close(), this.writes.close()]);
  }

  /** Adds a schema as the subject's next version and returns its id; the same schema again changes nothing. */
  register(subject: string, proposal: SchemaProposal): Promise<number> {
    return this.change((query) => registerSchema(query, this.compiler, subject, proposal));
  }

  /** The version of a subject that has this schema. */
  async find(subject: string, proposal: SchemaProposal, deleted: boolean): Promise<SchemaVersion> {
    const query = this.read;
    const versions = await versionsOf(query, subject, deleted);
    if (versions.length === 0) throw refused.subjectNotFound(subject);
    const id = await idOf(query, await this.compiler.compile(query, proposal));
    const found = versions.findLast((one) => one.id === id);
    if (found === undefined) throw refused.schemaNotFound();
    return found;
  }

  /** Names in their order. */
  async subjects(filter: { prefix: string; deleted: boolean; deletedOnly: boolean }): Promise<string[]> {
    const { rows } = await this.read({
      text: `select subject from registry.versions where starts_with(subject, $1) group by subject
        having case when $3 then bool_and(deleted) else $2 or not bool_and(deleted) end order by subject`,
      values: [filter.prefix, filter.deleted, filter.deletedOnly],
    });
    return rows.map(({ subject }) => subject);
  }

  async versions(subject: string, filter: { deleted: boolean; deletedOnly: boolean }): Promise<number[]> {
    const versions = await versionsOf(this.read, subject, filter.deleted || filter.deletedOnly);
    const wanted = filter.deletedOnly ? versions.filter(({ deleted }) => deleted) : versions;
    if (wanted.length === 0) throw refused.subjectNotFound(subject);
    return wanted.map(({ version }) => version);
  }

  async version(subject: string, version: VersionId, deleted = false): Promise<SchemaVersion> {
    return pick(subject, version, await versionsOf(this.read, subject, true), deleted);
  }

  /** Every version, by subject and version. */
  async all(filter: { prefix: string; deleted: boolean; latestOnly: boolean }): Promise<SchemaVersion[]> {
    const { rows } = await this.read({
      text: `${SELECT_VERSIONS} where starts_with(subject, $1) and ($2 or not deleted) order by subject, version`,
      values: [filter.prefix, filter.deleted],
    });
    const all = rows as SchemaVersion[];
    return filter.latestOnly ? all.filter(({ subject }, index) => all[index + 1]?.subject !== subject) : all;
  }

  /** Soft: the versions are no longer offered, and their ids are still known. Permanent: after that only. */
  deleteSubject(subject: string, permanent: boolean): Promise<number[]> {
    return this.change((query) => deleteSubject(query, subject, permanent));
  }

  deleteVersion(subject: string, version: VersionId, permanent: boolean): Promise<number> {
    return this.change((query) => deleteVersion(query, subject, version, permanent));
  }

  /** The ids of the schemas that name a type of this version. */
  async referencedBy(subject: string, version: VersionId): Promise<number[]> {
    return referrers(this.read, [await this.version(subject, version, true)]);
  }

  async schema(id: number): Promise<KeptSchema> {
    const { rows } = await this.read({
      name: 'registry schema',
      text: `select schema, refs as "references" from registry.schemas
        where id = $1 and exists (select from registry.versions where schema_id = $1)`,
      values: [id],
    });
    if (rows[0] === undefined) throw refused.schemaNotFound(id);
    return rows[0] as KeptSchema;
  }

  /** Where a schema is in use. */
  async placesOf(id: number, deleted: boolean): Promise<{ subject: string; version: number }[]> {
    await this.schema(id);
    const { rows } = await this.read({
      text: `select subject, version from registry.versions where schema_id = $1 and ($2 or not deleted)
        order by subject, version`,
      values: [id, deleted],
    });
    return rows as { subject: string; version: number }[];
  }

  async latestId(): Promise<number> {
    const { rows } = await this.read({ text: 'select latest_id from registry.numbers' });
    return rows[0]!.latest_id;
  }

  /**
   * Why a schema may not be the subject's next version; empty where it may. With a version it is compared to that one
   * only.
   */
  async check(subject: string, proposal: SchemaProposal, versionId?: VersionId): Promise<string[]> {
    const query = this.read;
    const compiled = await this.compiler.compile(query, proposal);
    const live = await versionsOf(query, subject, false);
    const isUnknown = versionId !== undefined && versionId !== 'latest' && live.length === 0;
    if (isUnknown) throw refused.subjectNotFound(subject);
    const isOpen = versionId === undefined || (versionId === 'latest' && live.length === 0);
    const compared = isOpen ? live : [pick(subject, versionId, live, false)];
    return this.compiler.breachesOf(query, await levelOf(query, subject), compiled, compared);
  }

  /** Null where the subject, or with `null` the whole registry, has none of its own. */
  async level(subject: string | null): Promise<CompatibilityLevel | null> {
    return compatibilityLevelOf((await settingsOf(this.read, subject ?? GLOBAL))?.compatibility);
  }

  async mode(subject: string | null): Promise<Mode | null> {
    return ((await settingsOf(this.read, subject ?? GLOBAL))?.mode as Mode | undefined) ?? null;
  }

  setLevel(subject: string | null, level: CompatibilityLevel | null): Promise<void> {
    return this.change(async (query) => {
      await mustBeWritable(query, subject ?? GLOBAL);
      await set(query, subject ?? GLOBAL, 'compatibility', level);
    });
  }

  /** `force` lets a registry that has schemas already import others. */
  setMode(subject: string | null, mode: Mode | null, force: boolean): Promise<void> {
    return this.change(async (query) => {
      if (mode === 'IMPORT' && !force) {
        const { rows } = await query({
          text: 'select from registry.versions where $1::text is null or subject = $1 limit 1',
          values: [subject],
        });
        if (rows.length > 0) throw refused.notPermitted('Cannot import since found existing subjects');
      }
      await set(query, subject ?? GLOBAL, 'mode', mode);
    });
  }

  private readonly read: Query = (statement) => this.reads.query(statement);

  /** Alone in the registry, in one transaction. */
  private change<Result>(work: (query: Query) => Promise<Result>): Promise<Result> {
    const change = this.lastWrite.then(() =>
      this.writes.exclusively(async (query) => {
        await query({ text: 'begin' });
        await query({ text: 'select from registry.numbers for update' });
        const result = await work(query);
        await query({ text: 'commit' });
        return result;
      }),
    );
    this.lastWrite = change.catch(() => undefined);
    return change;
  }
}
