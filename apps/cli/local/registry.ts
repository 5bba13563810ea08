import { LocalRegistry } from '../../../libs/platform/registry/local-registry.js';
import { outsideRegistry } from '../../../libs/platform/registry/outside-registry.js';
import { RegistryClient } from '../../../libs/platform/registry/registry-client.js';
import { SchemaRegistry } from '../../../libs/platform/registry/schema-registry.js';
import type { Registry } from '../../../libs/platform/relay/registry-binding.js';
import type { Settings } from '../../../libs/platform/settings/settings.js';

/** Runs `work` with the registry of the settings: the one that they name, or the store's own. */
export async function withRegistry<T>(
  settings: Settings,
  databaseUrl: string,
  work: (registry: Registry) => Promise<T>,
): Promise<T> {
  const outside = outsideRegistry(settings);
  if (outside !== null) return work(new RegistryClient(outside));
  const own = new SchemaRegistry(databaseUrl);
  try {
    return await work(new LocalRegistry(own));
  } finally {
    await own.close();
  }
}
