import type { SchemaReference } from './avro-schema.js';

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
