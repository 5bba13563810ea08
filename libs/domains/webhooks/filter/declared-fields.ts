import type { FieldKind, ReferenceTo } from '../../../platform/kernel/fields/field-declaration.js';
import { idToBytes } from '../../../platform/kernel/id.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';
import { conditionsOf, type FieldOwner, type Filter } from './filter.js';

/** What is declared of a custom field for good. */
export interface DeclaredField {
  object: FieldOwner;
  key: string;
  kind: FieldKind;
  personal: boolean;
  referenceTo: ReferenceTo | null;
}

/** The fields that may be meant by a filter's conditions: those with their keys. Reads nothing where there are none. */
export async function declaredFor(filter: Filter, workspace: string, reads: ReadPool): Promise<DeclaredField[]> {
  const keys = conditionsOf(filter).flatMap((condition) => (condition.field === 'custom_field' ? condition.key : []));
  if (keys.length === 0) return [];
  const { rows } = await reads.query<DeclaredField>(workspace, {
    name: 'webhooks.declared_fields',
    text: `select object, key, kind, personal, reference_to as "referenceTo" from webhooks.declared_fields
            where workspace = $1 and key = any ($2::text[])`,
    values: [idToBytes(workspace), [...new Set(keys)]],
  });
  return rows;
}
