import { Buffer } from 'node:buffer';
import avro from 'avsc';
import type { EventSchema } from '../../contract/event-schema.js';
import type { Connection } from '../postgres/connection.js';
import { registerAll } from '../registry/register-all.js';
import { type RegistryClient, RegistryRefusal, RegistryUnavailable } from '../registry/registry-client.js';
import { StartupError } from '../settings/startup-error.js';

export type Registry = Pick<RegistryClient, 'schema' | 'register' | 'level' | 'setLevel'>;

export interface Binding {
  /** The registry's ids by the schemas' fingerprints, 32 hex digits. */
  ids: Map<string, number>;
  /** False where the registry is away: the ids are those that were recorded, and it has yet to confirm them. */
  isConfirmed: boolean;
}

/** What was recorded, without asking the registry. */
export async function recordedIds(connection: Connection): Promise<Map<string, number>> {
  const { rows } = await connection.query<{ fingerprint: string; id: number }>({
    text: `select encode(fingerprint, 'hex') as fingerprint, schema_id as id from log.registry`,
  });
  return new Map(rows.map(({ fingerprint, id }) => [fingerprint, id]));
}

/**
 * Binds the topics to a registry: every id that stands in them must mean there what it meant when it was recorded. Then
 * the schemas that have no id yet are registered, and their ids recorded. While the registry is away, what was recorded
 * is used. Throws StartupError for a registry in which an id means something else or nothing.
 */
export async function bindRegistry(
  connection: Connection,
  registry: Registry,
  contract: readonly EventSchema[],
): Promise<Binding> {
  const recorded = await recordedIds(connection);
  try {
    await Promise.all([...recorded].map(([fingerprint, id]) => requireSame(registry, fingerprint, id)));
    const missing = contract.filter(({ fingerprint }) => !recorded.has(fingerprint));
    if (missing.length === 0) return { ids: recorded, isConfirmed: true };
    const given = await registerAll(registry, missing);
    await record(connection, missing, given);
    const ids = await recordedIds(connection);
    // Another relay may have recorded its registry's meanwhile.
    const other = missing.find(({ fingerprint }) => ids.get(fingerprint) !== given.get(fingerprint));
    if (other !== undefined) throw boundElsewhere(other.fingerprint, ids.get(other.fingerprint)!, 'another one');
    return { ids, isConfirmed: true };
  } catch (error) {
    if (error instanceof RegistryUnavailable) return { ids: recorded, isConfirmed: false };
    if (error instanceof RegistryRefusal) throw new StartupError(error.message, { cause: error });
    throw error;
  }
}

async function requireSame(registry: Registry, fingerprint: string, id: number): Promise<void> {
  const found = await registry.schema(id).catch((error: unknown) => {
    if (error instanceof RegistryRefusal && String(error.code).startsWith('404')) return null;
    throw error;
  });
  if (found !== null && fingerprintOf(found) === fingerprint) return;
  throw boundElsewhere(fingerprint, id, found === null ? 'nothing' : 'another one');
}

function boundElsewhere(fingerprint: string, id: number, here: string): StartupError {
  return new StartupError(
    `SCHEMA_REGISTRY_URL: the topics are bound to another registry, in which the id ${id} is the schema with the fingerprint ${fingerprint}; here it is ${here}. Set the former registry again, or import its schemas with their ids.`,
  );
}

function fingerprintOf(schema: string): string {
  return avro.Type.forSchema(JSON.parse(schema) as avro.Schema, { wrapUnions: 'never' })
    .fingerprint('md5')
    .toString('hex');
}

async function record(connection: Connection, schemas: readonly EventSchema[], ids: Map<string, number>) {
  for (const { fingerprint, record: name } of schemas) {
    await connection.query({
      text: 'insert into log.registry (fingerprint, schema_id, record) values ($1, $2, $3) on conflict do nothing',
      values: [Buffer.from(fingerprint, 'hex'), ids.get(fingerprint), name],
    });
  }
}
