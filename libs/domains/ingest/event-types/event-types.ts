import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { idToBytes, toId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { KeyDatabase } from '../../../platform/keys/key-database.js';
import type { DataCheck } from './data-check.js';
import { knownEventTypeSchema, type SchemaFormat } from './event-type-schema.js';
import { SchemaTurns } from './schema-turns.js';
import type { Allowance } from './work-budget.js';

/** What data of a registered type has to be. */
export interface Validator {
  /** The version of the type's schema. */
  version: number;
  /** Why data is refused, with `errors` by JSON Pointers into the activity (`/data/…`); null where it is right. */
  refusalOf(data: unknown, allowance?: Allowance): Problem | null;
}

/** Compiled ones that are kept, and the length of the schemas that they were made of: of large ones each weighs megabytes. */
const MOST_KEPT = 1000;
const MOST_KEPT_CHARACTERS = 8 * 1024 * 1024;

/** Characters of a place in data, and of what is wrong there. */
const MOST_TOLD = 400;

interface TypeRow {
  id: string;
  workspace: string;
  type: string;
  format: SchemaFormat;
  version: number;
  schema_digest: string;
  archived: boolean;
}

/**
 * The registered types, as whoever records events asks for them. Which version is the latest is read each time, so that a change holds
 * at once and in all processes; what is made of its schema is kept.
 */
@Injectable()
export class EventTypes {
  private readonly kept = new Map<string, { check: DataCheck; characters: number }>();
  private keptCharacters = 0;
  /** Those of whoever registers or compares a schema. */
  readonly turns = new SchemaTurns();

  /**
   * The validators by `nameOfType`; of what is not registered there is none, and any data is right. `db` is any session that sees all
   * workspaces.
   */
  async checkAll(
    db: KeyDatabase,
    types: Iterable<{ workspace: string; type: string }>,
  ): Promise<ReadonlyMap<string, Validator>> {
    const wanted = new Map([...types].map((one) => [nameOfType(one.workspace, one.type), one]));
    const validators = new Map<string, Validator>();
    if (wanted.size === 0) return validators;
    const { rows } = await db.query({
      name: 'event_types',
      text: `select t.id, t.workspace, t.type, t.format, t.version, t.schema_digest, t.archived
               from unnest($1::uuid[], $2::text[]) w(workspace, type)
               join ingest.event_types t on t.workspace = w.workspace and t.type = w.type`,
      values: [
        [...wanted.values()].map(({ workspace }) => idToBytes(workspace).toString('hex')),
        [...wanted.values()].map(({ type }) => type),
      ],
    });
    const found = rows as unknown as TypeRow[];
    const checks = await this.checksOf(db, found);
    for (const row of found) {
      validators.set(nameOfType(toId('wsp', row.workspace), row.type), validatorOf(row, checks.get(keyOf(row))));
    }
    return validators;
  }

  /** Those of the types that are not archived, by `keyOf`. */
  private async checksOf(db: KeyDatabase, rows: readonly TypeRow[]): Promise<ReadonlyMap<string, DataCheck>> {
    const checks = new Map<string, DataCheck>();
    const missing: TypeRow[] = [];
    for (const row of rows) {
      const kept = this.kept.get(keyOf(row));
      if (kept !== undefined) checks.set(keyOf(row), kept.check);
      else if (!row.archived) missing.push(row);
    }
    if (missing.length === 0) return checks;
    const { rows: schemas } = await db.query({
      name: 'event_type_schemas',
      text: `select v.event_type, v.schema from unnest($1::uuid[], $2::integer[]) w(event_type, version)
               join ingest.event_type_versions v on v.event_type = w.event_type and v.version = w.version`,
      values: [missing.map(({ id }) => id), missing.map(({ version }) => version)],
    });
    const texts = new Map(
      (schemas as { event_type: string; schema: string }[]).map((row) => [row.event_type, row.schema]),
    );
    for (const row of missing) {
      const text = texts.get(row.id)!;
      const { check } = knownEventTypeSchema(row.format, text);
      checks.set(keyOf(row), check);
      this.keep(keyOf(row), check, text.length);
      // One takes up to 0.1 s, and there may be many: others have their turn between.
      await nextTurn();
    }
    return checks;
  }

  private keep(key: string, check: DataCheck, characters: number): void {
    for (const [oldest, one] of this.kept) {
      if (this.kept.size < MOST_KEPT && this.keptCharacters + characters <= MOST_KEPT_CHARACTERS) break;
      this.kept.delete(oldest);
      this.keptCharacters -= one.characters;
    }
    this.kept.set(key, { check, characters });
    this.keptCharacters += characters;
  }
}

function validatorOf({ type, version, archived }: TypeRow, check: DataCheck | undefined): Validator {
  if (archived) {
    const problem = new Problem('archived', `The event type ${type} is archived. Restore it, or send another type.`);
    return { version, refusalOf: () => problem };
  }
  return {
    version,
    refusalOf(data, allowance) {
      const errors = check!(data, allowance)?.map(({ pointer, message }) => ({
        pointer: clipped(`/data${pointer}`),
        message: clipped(message),
      }));
      if (errors === undefined) return null;
      const detail = `The data does not fit version ${version} of ${type}: ${errors[0]!.pointer} ${errors[0]!.message}.`;
      return new Problem('event_data_invalid', detail, { errors });
    },
  };
}

/** A name in a schema, or in data, may have tens of thousands of characters, and a batch twenty thousand errors that name it. */
function clipped(text: string): string {
  // Bytes, for a part of a text would keep the whole of it in memory.
  return text.length <= MOST_TOLD ? text : Buffer.from(`${text.slice(0, MOST_TOLD)}…`).toString();
}

/** A store that was restored to an earlier moment may have given the version to another schema. */
function keyOf({ id, version, schema_digest }: TypeRow): string {
  return `${id} ${version} ${schema_digest}`;
}

/** Under what a type's validator is found. */
export function nameOfType(workspace: string, type: string): string {
  return `${workspace} ${type}`;
}
