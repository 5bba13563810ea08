import { type FieldDeclaration, type FieldObject, type FieldValue } from '../kernel/fields/field-declaration.js';
import { idToBytes, toId } from '../kernel/id.js';
import type { ReadPool } from '../reads/read-pool.js';

/** The tables that a domain's own projections keep of custom fields. */
export interface FieldTables {
  service: string;
  declarations: string;
  values: string;
}

interface DeclarationRow {
  id: string;
  object: string;
  key: string;
  kind: string;
  version: number;
  personal: boolean;
  required: boolean;
  archived: boolean;
  default_value: string | null;
  options: string;
  depends_on: string | null;
  reference_to: string | null;
}

interface ValueRow {
  field: string;
  key: string;
  kind: string;
  version: number;
  value: string;
  set_at: string;
}

/** A value as a thing has it. */
export interface HeldValue {
  field: string;
  key: string;
  kind: string;
  version: number;
  /** JSON. */
  value: string;
  setAt: string;
}

/** What is declared, and what things hold of it; each read sees one workspace. */
export class FieldReads {
  constructor(
    private readonly reads: ReadPool,
    private readonly tables: FieldTables,
  ) {}

  /** All that were ever declared for an object, in the order in which they were made. */
  async declarations(workspace: string, object: FieldObject): Promise<FieldDeclaration[]> {
    const { service, declarations } = this.tables;
    const { rows } = await this.reads.query<DeclarationRow>(workspace, {
      name: `declared ${declarations}`,
      text: `select id, object, key, kind, version, personal, required, archived,
                    default_value, options, depends_on, reference_to
               from ${service}.${declarations} where workspace = $1 and object = $2 order by id`,
      values: [idToBytes(workspace), object],
    });
    return rows.map(declarationOf);
  }

  /** In the order of their keys. */
  async values(workspace: string, owner: string): Promise<HeldValue[]> {
    const { service, values } = this.tables;
    const { rows } = await this.reads.query<ValueRow>(workspace, {
      name: `held ${values}`,
      text: `select field, key, kind, version, value, set_at from ${service}.${values}
              where owner = $1 and item = 0 order by key collate "C"`,
      values: [idToBytes(owner)],
    });
    return rows.map(({ field, set_at: setAt, ...row }) => ({ ...row, field: toId('fld', field), setAt }));
  }
}

/** SQL of what a thing holds, as JSON by key: of the one whose id stands in a column. */
export function fieldsOf({ service, values }: FieldTables, owner: string): string {
  return `(select json_object_agg(v.key, v.value::json order by v.key collate "C")
             from ${service}.${values} v where v.owner = ${owner} and v.item = 0)`;
}

function declarationOf(row: DeclarationRow): FieldDeclaration {
  const { id, default_value, options, depends_on, reference_to, ...plain } = row;
  return {
    ...(plain as Pick<FieldDeclaration, 'object' | 'key' | 'kind' | 'version' | 'personal' | 'required' | 'archived'>),
    id: toId('fld', id),
    default: default_value === null ? null : (JSON.parse(default_value) as FieldValue),
    options: JSON.parse(options) as FieldDeclaration['options'],
    dependsOn: depends_on === null ? null : (JSON.parse(depends_on) as FieldDeclaration['dependsOn']),
    referenceTo: reference_to as FieldDeclaration['referenceTo'],
  };
}
