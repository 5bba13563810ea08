import { type AvroSchema, compileSchema } from './avro-schema.js';
import { breaches, type CompatibilityLevel, type EarlierVersion } from './compatibility.js';
import { refused } from './registry-error.js';
import { type Query, type SchemaVersion, textsOf } from './registry-tables.js';
import { SchemaSyntaxError } from './schema-form.js';
import type { SchemaProposal } from './schema-proposal.js';

const MOST_CACHED = 10_000;

/** Makes types of schemas whose references the tables hold, and compares them. Throws `RegistryError` 42201. */
export class SchemaCompiler {
  private readonly compiled = new Map<number, AvroSchema>();

  async compile(query: Query, { schema, references, normalize }: SchemaProposal): Promise<AvroSchema> {
    const referenced = await textsOf(query, references);
    try {
      return compileSchema(schema, { references, referenced, normalize });
    } catch (error) {
      if (error instanceof SchemaSyntaxError) throw refused.invalidSchema(error.message);
      throw error;
    }
  }

  /** Why a schema may not follow these versions, oldest first; empty where it may. */
  async breachesOf(
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
