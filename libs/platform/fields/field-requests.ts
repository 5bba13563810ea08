import type { StreamHistory } from '../feed/stream-history.js';
import type { FieldObject, FieldValue } from '../kernel/fields/field-declaration.js';
import type { ChangeFields, HeldFields, RequiredField } from '../kernel/fields/held-fields.js';
import { withField } from '../kernel/fields/held-fields.js';
import { Problem } from '../kernel/problem.js';
import { ok, type Reply } from '../operations/reply.js';
import type { ReadPool } from '../reads/read-pool.js';
import type { RowCondition } from '../reads/resource-reads.js';
import { queriedField } from './field-query.js';
import { FieldReads, type FieldTables, type HeldValue } from './field-reads.js';
import { valueCondition } from './value-condition.js';
import { type FieldsByKey, requiredFields, wantedFields } from './wanted-fields.js';

/** What commands about the fields of one object are made of: read before they are decided, as labels are. */
export class FieldRequests {
  private readonly reads: FieldReads;

  constructor(
    reads: ReadPool,
    private readonly tables: FieldTables,
    private readonly object: FieldObject,
  ) {
    this.reads = new FieldReads(reads, tables);
  }

  /** Throws `unknown_field`, `archived`, `field_value_invalid`. `replaces`: what is not named is taken away. */
  async changing(
    workspace: string,
    owner: string,
    fields: FieldsByKey,
    replaces: boolean,
  ): Promise<{ change: ChangeFields; references: string[]; held: HeldFields }> {
    const [declared, values] = await Promise.all([
      this.reads.declarations(workspace, this.object),
      this.reads.values(workspace, owner),
    ]);
    const { references, ...change } = wantedFields(fields, declared, values, { replaces });
    return { change, references, held: values.reduce(withValue, {}) };
  }

  /** Of a thing that is to be made: the defaults, too. Throws as `changing` does. */
  async making(workspace: string, fields: FieldsByKey = {}): Promise<{ change: ChangeFields; references: string[] }> {
    const { references, ...change } = wantedFields(fields, await this.declared(workspace), [], { isNew: true });
    return { change, references };
  }

  /** A list's filter (`fieldQuery`) as a condition of a search. Throws `unknown_field`. */
  async condition(workspace: string, filter: string) {
    const { field, value } = queriedField(await this.declared(workspace), this.object, filter);
    const { key, kind } = field;
    return kind === 'text'
      ? ({ field: 'custom_field', key, op: 'contains', value: String(value) } as const)
      : ({ field: 'custom_field', key, op: 'is', value } as const);
  }

  /** The same as a condition of a list of resources. Throws also `field_value_invalid`. */
  async rowCondition(workspace: string, filter: string | undefined): Promise<RowCondition | undefined> {
    if (filter === undefined) return undefined;
    const { field, value } = queriedField(await this.declared(workspace), this.object, filter);
    const owner = { tables: this.tables, id: 'r.id', column: 'owner', workspace: 'r.workspace' } as const;
    const [operator, asked] = field.kind === 'text' ? (['contains', 'contains'] as const) : (['eq', 'is'] as const);
    return { asked: filter, sql: (bind) => valueCondition(field, operator, value, owner, bind, asked) };
  }

  /** What may not be missing, where that is asked. */
  async required(workspace: string): Promise<RequiredField[]> {
    return requiredFields(await this.declared(workspace));
  }

  /** The values that a thing has, as the API shows them one by one. */
  async shown(workspace: string, owner: string): Promise<object> {
    const values = await this.reads.values(workspace, owner);
    return {
      data: values.map(({ field, key, kind, version, value, setAt }) => ({
        field_id: field,
        key,
        kind,
        version,
        value: JSON.parse(value) as FieldValue,
        set_at: setAt,
      })),
    };
  }

  /**
   * The answer to who asks for the values of a thing with a stream of its own. Throws `not_found`, by the id that was asked
   * for.
   */
  async reply(
    history: Pick<StreamHistory, 'versionOf'>,
    workspace: string,
    owner: string,
    asked: string = owner,
  ): Promise<Reply> {
    const [version, body] = await Promise.all([history.versionOf(workspace, owner), this.shown(workspace, owner)]);
    if (version === null) throw new Problem('not_found', `There is no ${this.object} ${asked} in this workspace.`);
    return ok(body, version);
  }

  private declared(workspace: string) {
    return this.reads.declarations(workspace, this.object);
  }
}

function withValue(held: HeldFields, { field: field_id, key, kind, version, value }: HeldValue): HeldFields {
  return withField(held, {
    verb: 'field_set',
    data: { field_id, key, kind, version, value, personal_value: null },
  });
}
