import { isUnavailable } from '../postgres/connection.js';
import type { CompatibilityLevel } from './compatibility.js';
import { type RegistryClient, RegistryRefusal, RegistryUnavailable } from './registry-client.js';
import { RegistryError } from './registry-error.js';
import type { SchemaRegistry } from './schema-registry.js';

/** The built-in registry, asked as an outside one is, without going through HTTP. */
export class LocalRegistry implements Pick<RegistryClient, 'schema' | 'register' | 'level' | 'setLevel'> {
  constructor(private readonly registry: SchemaRegistry) {}

  async schema(id: number): Promise<string> {
    return (await this.ask(() => this.registry.schema(id))).schema;
  }

  register(subject: string, schema: string): Promise<number> {
    return this.ask(() => this.registry.register(subject, { schema, references: [], normalize: false }));
  }

  level(subject: string): Promise<CompatibilityLevel | null> {
    return this.ask(() => this.registry.level(subject));
  }

  setLevel(subject: string, level: CompatibilityLevel): Promise<void> {
    return this.ask(() => this.registry.setLevel(subject, level));
  }

  private async ask<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof RegistryError) throw new RegistryRefusal(error.code, error.message);
      if (isUnavailable(error)) throw new RegistryUnavailable((error as Error).message);
      throw error;
    }
  }
}
