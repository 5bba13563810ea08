import type { Settings } from '../settings/settings.js';
import { readTlsFiles } from '../settings/tls-files.js';
import type { RegistryClientOptions } from './registry-client.js';

/**
 * The registry that the settings name, null for the one that is built in. Throws SettingsError of one line where the
 * file of SCHEMA_REGISTRY_CA cannot be used.
 */
export function outsideRegistry(
  settings: Pick<Settings, 'schemaRegistryUrl' | 'schemaRegistryCa'>,
): Pick<RegistryClientOptions, 'url' | 'ca'> | null {
  const { schemaRegistryUrl: url, schemaRegistryCa: ca } = settings;
  if (url === null) return null;
  return {
    url,
    ...readTlsFiles({ ca: ca === null ? null : { setting: 'SCHEMA_REGISTRY_CA', path: ca }, client: null }),
  };
}
