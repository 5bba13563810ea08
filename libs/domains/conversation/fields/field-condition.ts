import { type Bind, type FieldOperator, valueCondition } from '../../../platform/fields/value-condition.js';
import type { FieldDeclaration } from '../../../platform/kernel/fields/field-declaration.js';
import { fieldTables } from './field-tables.js';

/**
 * The SQL of a condition on the custom field of a conversation, or of any of its messages: of the row `c` of
 * `conversation.conversations`. `bind` puts a value among the statement's parameters and gives the SQL for it. Throws
 * `field_value_invalid`, which names the operator that was `asked`, for one or a value that does not go with the field.
 */
export function fieldCondition(
  field: FieldDeclaration,
  operator: FieldOperator,
  value: unknown,
  bind: Bind,
  asked: string,
): string {
  const column = field.object === 'message' ? 'stream' : 'owner';
  const owner = { tables: fieldTables, id: 'c.conversation', column, workspace: 'c.workspace' } as const;
  return valueCondition(field, operator, value, owner, bind, asked);
}
