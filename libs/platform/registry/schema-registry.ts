import { Connection } from '../postgres/connection.js';
import { type AvroSchema, compileSchema, type SchemaReference } from './avro-schema.js';
import { breaches, type CompatibilityLevel, compatibilityLevelOf, type EarlierVersion } from './compatibility.js';
import { refused } from './registry-error.js';
import {
  GLOBAL,
  idOf,
  levelOf,
  type Mode,
  modeOf,
  mustBeWritable,
  mustNotBeReferenced,
  pick,
  type Query,
  referrers,
  remove,
  type SchemaVersion,
  SELECT_VERSIONS,
  set,
  settingsOf,
  textsOf,
  type VersionId,
  versionsOf,
} from './registry-tables.js';
import { SchemaSyntaxError } from './schema-form.js';

/** A schema as a client sends it. */
export interface SchemaProposal {
  schema: string;
  references: SchemaReference[];
  /** As Confluent's `normalize`: the text that is kept has full names only and its attributes in one order. */
  normalize: boolean;
  /** From another registry: only in the mode IMPORT. */
  id?: number;
  version?: number;
}

export interface KeptSchema {
  schema: string;
  references: SchemaReference[];
}

const MOST_CACHED = 10_000;

/**
 * The schemas by subject and version, and each by its id. Every method throws `RegistryError` with Confluent's code,
 * and `unavailable` while Postgres is away. Any number of processes may use the same tables at once.
 */
export class SchemaRegistry {
  private readonly reads: Connection;
  private readonly writes: Connection;
  /** Writers of this process wait here rather than in Postgres: one connection has one transaction. */
  private lastWrite: Promise<unknown> = Promise.resolve();
  private readonly compiled = new Map<number, AvroSchema>();

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
    return this.change(async (query) => {
      const compiled = await this.compile(query, proposal);
      const versions = await versionsOf(query, subject, true);
      const live = versions.filter(({ deleted }) => !deleted);
      const known = await idOf(query, compiled);
      const same = live.find(({ id }) => id === known);
      if (same !== undefined && (proposal.id ?? known) === known) return same.id;
      const mode = await modeOf(query, subject);
      mustTake(subject, mode, proposal);
      if (mode !== 'IMPORT') {
        const level = await levelOf(query, subject);
        const messages = await this.breachesOf(query, level, compiled, live);
        if (messages.length > 0) throw refused.incompatible(subject, messages);
      }
      const id = await this.keep(query, compiled, known, proposal);
      const version = proposal.version ?? (versions.at(-1)?.version ?? 0) + 1;
      if (versions.some((one) => one.version === version)) {
        throw refused.notPermitted(`Overwriting version ${version} of subject ${subject} is not permitted`);
      }
      await query({
        text: 'insert into registry.versions (subject, version, schema_id) values ($1, $2, $3)',
        values: [subject, version, id],
      });
      return id;
    });
  }

  /** The version of a subject that has this schema. */
  async find(subject: string, proposal: SchemaProposal, deleted: boolean): Promise<SchemaVersion> {
    const query = this.read;
    const versions = await versionsOf(query, subject, deleted);
    if (versions.length === 0) throw refused.subjectNotFound(subject);
    const id = await idOf(query, await this.compile(query, proposal));
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
    return this.change(async (query) => {
      await mustBeWritable(query, subject);
      const versions = await versionsOf(query, subject, true);
      if (versions.length === 0) throw refused.subjectNotFound(subject);
      const live = versions.filter(({ deleted }) => !deleted);
      if (permanent && live.length > 0) throw refused.subjectNotSoftDeleted(subject);
      if (!permanent && live.length === 0) throw refused.subjectSoftDeleted(subject);
      const gone = permanent ? versions : live;
      await mustNotBeReferenced(query, gone, permanent);
      await remove(query, gone, permanent);
      if (permanent) await query({ text: 'delete from registry.settings where subject = $1', values: [subject] });
      return gone.map(({ version }) => version);
    });
  }

  deleteVersion(subject: string, versionId: VersionId, permanent: boolean): Promise<number> {
    return this.change(async (query) => {
      await mustBeWritable(query, subject);
      const versions = await versionsOf(query, subject, true);
      const one = pick(subject, versionId, versions, true);
      if (permanent && !one.deleted) throw refused.versionNotSoftDeleted(subject, one.version);
      if (!permanent && one.deleted) throw refused.versionSoftDeleted(subject, one.version);
      await mustNotBeReferenced(query, [one], permanent);
      await remove(query, [one], permanent);
      return one.version;
    });
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
    const compiled = await this.compile(query, proposal);
    const live = await versionsOf(query, subject, false);
    const isUnknown = versionId !== undefined && versionId !== 'latest' && live.length === 0;
    if (isUnknown) throw refused.subjectNotFound(subject);
    const isOpen = versionId === undefined || (versionId === 'latest' && live.length === 0);
    const compared = isOpen ? live : [pick(subject, versionId, live, false)];
    return this.breachesOf(query, await levelOf(query, subject), compiled, compared);
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

  /** Returns its id: the one that it has, the one that is imported, or the next. */
  private async keep(query: Query, { text, identity }: AvroSchema, known: number | null, proposal: SchemaProposal) {
    const { id: imported, references } = proposal;
    if (known !== null) {
      if (imported === undefined || imported === known) return known;
      throw refused.notPermitted(`The schema has the id ${known} already`);
    }
    if (imported !== undefined) {
      const { rows } = await query({ text: 'select from registry.schemas where id = $1', values: [imported] });
      if (rows.length > 0) {
        throw refused.notPermitted(`Overwrite new schema with id ${imported} is not permitted.`);
      }
    }
    const { rows } = await query({
      text: `update registry.numbers set latest_id = greatest(latest_id, coalesce($1, latest_id + 1))
        returning coalesce($1, latest_id) as id`,
      values: [imported ?? null],
    });
    const { id } = rows[0]!;
    await query({
      text: 'insert into registry.schemas (id, identity, schema, refs) values ($1, $2, $3, $4)',
      values: [id, identity, text, JSON.stringify(references)],
    });
    return id as number;
  }

  private async compile(query: Query, { schema, references, normalize }: SchemaProposal): Promise<AvroSchema> {
    const referenced = await textsOf(query, references);
    try {
      return compileSchema(schema, { references, referenced, normalize });
    } catch (error) {
      if (error instanceof SchemaSyntaxError) throw refused.invalidSchema(error.message);
      throw error;
    }
  }

  private async breachesOf(
    query: Query,
    level: CompatibilityLevel,
    schema: AvroSchema,
    versions: readonly SchemaVersion[],
  ): Promise<string[]> {
    if (level === 'NONE') return [];
    const compared = level.endsWith('_TRANSITIVE') ? versions : versions.slice(-1);
    const earlier: EarlierVersion[] = [];
    for (const one of compared) earlier.push({ version: one.version, schema: await this.compileKept(query, one) });
    return breaches(level, schema, earlier);
  }

  private async compileKept(query: Query, { id, schema, references }: SchemaVersion): Promise<AvroSchema> {
    let compiled = this.compiled.get(id);
    // A store that was restored to an earlier moment may have given the id to another schema.
    if (compiled?.text !== schema) {
      compiled = await this.compile(query, { schema, references, normalize: false });
      if (this.compiled.size >= MOST_CACHED) this.compiled.clear();
      this.compiled.set(id, compiled);
    }
    return compiled;
  }
}

/** Ids come from elsewhere in the mode IMPORT, and only there. */
function mustTake(subject: string, mode: Mode, { id, version }: SchemaProposal): void {
  if (mode === 'READONLY') throw refused.notPermitted(`Subject ${subject} is in read-only mode`);
  const isImported = id !== undefined;
  if (mode === 'IMPORT' && !isImported) {
    throw refused.notPermitted(`Subject ${subject} is in import mode: send the schema's id`);
  }
  if (mode !== 'IMPORT' && (isImported || version !== undefined)) {
    throw refused.notPermitted(`Subject ${subject} is not in import mode`);
  }
}
