import type { SchemaVersion } from './registry-tables.js';

/** What a request says, read. */
export interface Asked {
  subject: string;
  path: Record<string, string>;
  query: Record<string, string | undefined>;
  body: unknown;
}

/** One of the routes below `/registry`. */
export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  /** Who may: whoever may read, or the root key alone. */
  access: 'read' | 'root';
  /** Its result is sent as JSON; a Buffer as it is. */
  answer(asked: Asked): Promise<unknown> | unknown;
}

/** A version as Confluent's registry shows it. */
export function shown({ subject, version, id, schema, references }: SchemaVersion): object {
  return { subject, version, id, ...(references.length > 0 ? { references } : {}), schema };
}
