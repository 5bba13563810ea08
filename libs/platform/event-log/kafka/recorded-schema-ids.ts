import type { Connection } from '../../postgres/connection.js';
import type { SchemaIds } from './schema-ids.js';

/** The ids that the relay recorded beside the log, and for others those that the registry tells. */
export class RecordedSchemaIds implements SchemaIds {
  private readonly known = new Map<number, Buffer>();

  constructor(
    private readonly connection: Connection,
    private readonly others: SchemaIds,
  ) {}

  async fingerprintOf(id: number): Promise<Buffer> {
    const known = this.known.get(id) ?? (await this.recorded(id)) ?? (await this.others.fingerprintOf(id));
    this.known.set(id, known);
    return known;
  }

  private async recorded(id: number): Promise<Buffer | null> {
    const { rows } = await this.connection.query<{ fingerprint: Buffer }>({
      name: 'recorded_schema_id',
      text: 'select fingerprint from log.registry where schema_id = $1',
      values: [id],
    });
    return rows[0]?.fingerprint ?? null;
  }
}
