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

/** What fits into the four bytes of a frame. */
const MOST_ID = 2_147_483_647;

/** What was recorded, without asking the registry. */
export async function recordedIds(connection: Connection): Promise<Map<string, number>> {
  const { rows } = await connection.query<{ fingerprint: string; id: number }>({
    text: `select encode(fingerprint, 'hex') as fingerprint, schema_id as id from log.registry`,
  });
  return new Map(rows.map(({ fingerprint, id }) => [fingerprint, id]));
}

/**
 * Binds the topics to a registry: every id that stands in them must mean there what it meant when it was recorded. Then
 * the schemas that have no id yet are registered, and their ids recorded, all or none. While the registry is away, what
 * was recorded is used. Throws StartupError for a registry in which an id means something else or nothing, unless
 * nothing is on Kafka yet and no relay is at work: then the topics are bound to it instead.
 */
export async function bindRegistry(
  connection: Connection,
  registry: Registry,
  contract: readonly EventSchema[],
): Promise<Binding> {
  const recorded = await recordedIds(connection);
  try {
    const stranger = await findStranger(registry, recorded);
    if (stranger !== null && (await isBound(connection))) throw stranger;
    const kept = stranger === null ? recorded : new Map<string, number>();
    const missing = contract.filter(({ fingerprint }) => !kept.has(fingerprint));
    if (missing.length === 0) return { ids: recorded, isConfirmed: true };
    const given = await registerAll(registry, missing);
    requireIds(missing, given, new Set(kept.values()));
    await record(connection, missing, given, stranger !== null);
    const ids = await recordedIds(connection);
    // Another relay may have recorded its registry's meanwhile.
    const other = missing.find(({ fingerprint }) => ids.get(fingerprint) !== given.get(fingerprint));
    if (other !== undefined) throw boundElsewhere(other.fingerprint, ids.get(other.fingerprint), 'another one');
    return { ids, isConfirmed: true };
  } catch (error) {
    if (error instanceof RegistryUnavailable) return { ids: recorded, isConfirmed: false };
    if (error instanceof RegistryRefusal) throw new StartupError(error.message, { cause: error });
    throw error;
  }
}

/** That an id means something else or nothing in this registry; null where all mean what was recorded. */
async function findStranger(registry: Registry, recorded: ReadonlyMap<string, number>): Promise<StartupError | null> {
  const found = await Promise.all(
    [...recorded].map(async ([fingerprint, id]) => {
      const schema = await registry.schema(id).catch((error: unknown) => {
        if (error instanceof RegistryRefusal && String(error.code).startsWith('404')) return null;
        throw error;
      });
      if (schema !== null && fingerprintOf(schema) === fingerprint) return null;
      return boundElsewhere(fingerprint, id, schema === null ? 'nothing' : 'another one');
    }),
  );
  return found.find((one) => one !== null) ?? null;
}

/** A lease says that a relay knows the recorded ids, and may be about to send the first event with one. */
const IS_BOUND = `exists (select from log.relay_partitions where last_position > 0)
               or exists (select from log.relay where lease_until > now())`;

async function isBound(connection: Connection): Promise<boolean> {
  const { rows } = await connection.query<{ bound: boolean }>({ text: `select ${IS_BOUND} as bound` });
  return rows[0]!.bound;
}

/** Throws StartupError unless each schema has an id of its own that fits into a frame: four bytes, and above 0. */
function requireIds(schemas: readonly EventSchema[], given: ReadonlyMap<string, number>, taken: Set<number>): void {
  for (const { fingerprint, record: name } of schemas) {
    const id: unknown = given.get(fingerprint);
    if (typeof id === 'number' && Number.isInteger(id) && id > 0 && id <= MOST_ID && !taken.has(id)) taken.add(id);
    else {
      throw new StartupError(
        `SCHEMA_REGISTRY_URL: what answers there gave ${name} the id ${JSON.stringify(id)?.slice(0, 40)}, and an id must be a whole number from 1 to ${MOST_ID} that no other schema has: set the address of a registry with Confluent's API.`,
      );
    }
  }
}

function boundElsewhere(fingerprint: string, id: number | undefined, here: string): StartupError {
  return new StartupError(
    `SCHEMA_REGISTRY_URL: the topics are bound to another registry, in which the id ${id} is the schema with the fingerprint ${fingerprint}; here it is ${here}. Set the former registry again, or import its schemas with their ids.`,
  );
}

/** Null for what is no Avro schema. */
function fingerprintOf(schema: string): string | null {
  try {
    return avro.Type.forSchema(JSON.parse(schema) as avro.Schema, { wrapUnions: 'never' })
      .fingerprint('md5')
      .toString('hex');
  } catch {
    return null;
  }
}

/** All or none: nothing where a schema was recorded with another id meanwhile. */
async function record(
  connection: Connection,
  schemas: readonly EventSchema[],
  ids: ReadonlyMap<string, number>,
  isRebinding: boolean,
): Promise<void> {
  await connection.transaction([
    { text: 'select pg_advisory_xact_lock(4851, 2)' },
    ...(isRebinding ? [{ text: `delete from log.registry where not (${IS_BOUND})` }] : []),
    {
      text: `with given as (
               select decode(fingerprint, 'hex') as fingerprint, schema_id, record
                 from unnest($1::text[], $2::integer[], $3::text[]) as given (fingerprint, schema_id, record))
             insert into log.registry (fingerprint, schema_id, record)
             select fingerprint, schema_id, record from given
              where not exists (select from log.registry r join given g
                                    on r.fingerprint = g.fingerprint and r.schema_id <> g.schema_id
                                    or r.fingerprint <> g.fingerprint and r.schema_id = g.schema_id)
             on conflict do nothing`,
      values: [
        schemas.map(({ fingerprint }) => fingerprint),
        schemas.map(({ fingerprint }) => ids.get(fingerprint)),
        schemas.map(({ record: name }) => name),
      ],
    },
  ]);
}
