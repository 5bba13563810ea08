/**
 * What initdb, Postgres and what starts them get of our environment: enough to be found and to be the same everywhere.
 * HEDDLE_ROOT_KEY and whatever else the host set stays here: `copy … from program` would hand it to any statement.
 */
export function postgresEnvironment(): Record<string, string> {
  // Windows finds its own libraries by SystemRoot.
  const kept = ['PATH', 'SystemRoot'].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  return { ...Object.fromEntries(kept), LANG: 'C', TZ: 'UTC' };
}
