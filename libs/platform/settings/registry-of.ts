import type { RegistryClientOptions } from '../registry/registry-client.js';
import { pemFile } from './pem-file.js';
import type { Settings } from './settings.js';

/** The schema registry outside; null: the one that is built in. Throws SettingsError for a file that cannot be used. */
export function registryOf({ schemaRegistryUrl, schemaRegistryCa }: Settings): RegistryClientOptions | null {
  if (schemaRegistryUrl === null) return null;
  const ca = schemaRegistryCa === null ? {} : { ca: pemFile('SCHEMA_REGISTRY_CA', schemaRegistryCa) };
  return { url: schemaRegistryUrl, ...ca };
}
