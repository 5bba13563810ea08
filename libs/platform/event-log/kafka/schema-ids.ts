import avro from 'avsc';
import { RegistryRefusal } from '../../registry/registry-client.js';

/** What turns the id in a record's frame into the schema's fingerprint. */
export interface SchemaIds {
  /**
   * MD5 of the schema's parsing canonical form, 16 bytes. Throws UnknownSchemaIdError for an id that stands for no
   * schema, and what says that it cannot be known now for one that may.
   */
  fingerprintOf(id: number): Promise<Buffer>;
}

export class UnknownSchemaIdError extends Error {
  override name = 'UnknownSchemaIdError';

  constructor(id: number) {
    super(`The registry has no schema with the id ${id}.`);
  }
}

/** What it needs of the registry's client. */
export interface SchemasById {
  schema(id: number): Promise<string>;
}

/** The ids as the registry tells them; each is asked for once. */
export class RegistrySchemaIds implements SchemaIds {
  private readonly known = new Map<number, Buffer>();

  constructor(private readonly registry: SchemasById) {}

  async fingerprintOf(id: number): Promise<Buffer> {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const fingerprint = fingerprintOf(await this.schema(id));
    if (fingerprint === null) throw new UnknownSchemaIdError(id);
    this.known.set(id, fingerprint);
    return fingerprint;
  }

  private async schema(id: number): Promise<string> {
    try {
      return await this.registry.schema(id);
    } catch (error) {
      // 404, 40403: all else (no right to ask, a proxy's page) says nothing of the id.
      if (error instanceof RegistryRefusal && String(error.code).startsWith('404')) throw new UnknownSchemaIdError(id);
      throw error;
    }
  }
}

/** Null for a schema that is not Avro, or refers to others: none of ours does. */
function fingerprintOf(schema: string): Buffer | null {
  try {
    return avro.Type.forSchema(JSON.parse(schema) as avro.Schema, { wrapUnions: 'never' }).fingerprint('md5');
  } catch {
    return null;
  }
}
