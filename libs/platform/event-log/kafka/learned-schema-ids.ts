import type { EventCodec } from '../../event-codec/event-codec.js';
import { RegistryRefusal } from '../../registry/registry-client.js';
import type { SchemaIds, SchemasById } from './schema-ids.js';

/**
 * Ids whose schemas the codec can read: one that a newer version wrote is asked for at the registry, once, and its events
 * are read as the codec's own revision has them.
 */
export class LearnedSchemaIds implements SchemaIds {
  private readonly looked = new Map<number, Promise<void>>();

  constructor(
    private readonly ids: SchemaIds,
    private readonly registry: SchemasById,
    private readonly codec: Pick<EventCodec, 'knows' | 'learn'>,
  ) {}

  async fingerprintOf(id: number): Promise<Buffer> {
    const fingerprint = await this.ids.fingerprintOf(id);
    if (!this.codec.knows(fingerprint)) await this.look(id);
    return fingerprint;
  }

  private look(id: number): Promise<void> {
    let looking = this.looked.get(id);
    if (looking === undefined) {
      looking = this.learn(id).catch((error: unknown) => {
        this.looked.delete(id);
        throw error;
      });
      this.looked.set(id, looking);
    }
    return looking;
  }

  private async learn(id: number): Promise<void> {
    try {
      this.codec.learn(await this.registry.schema(id));
    } catch (error) {
      // Then decoding says that it is not known; who asks again asks the registry again.
      if (!(error instanceof RegistryRefusal)) throw error;
      this.looked.delete(id);
    }
  }
}
