import { packageRoot } from '../postgres/package-root.js';
import { loadSettings, SETTINGS, SettingsError } from './settings.js';

function refusal(env: Record<string, string>): string {
  try {
    loadSettings(env);
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    return (error as Error).message;
  }
  throw new Error(`${JSON.stringify(env)} was accepted`);
}

describe('settings', () => {
  test('an empty environment gives the documented defaults', () => {
    expect(loadSettings({})).toEqual({
      port: 4400,
      host: '127.0.0.1',
      dataDir: `${packageRoot}/.heddle`,
      rootKey: null,
      databaseUrl: null,
      logLevel: 'info',
      rateLimit: 50_000,
      schemaRegistryUrl: null,
    });
  });

  test('an empty or blank variable counts as unset', () => {
    const empty = Object.fromEntries(SETTINGS.map(({ name }, index) => [name, index % 2 ? '' : '  ']));
    expect(loadSettings(empty)).toEqual(loadSettings({}));
  });

  test('every variable is read', () => {
    expect(
      loadSettings({
        HEDDLE_PORT: '0',
        HEDDLE_HOST: '::',
        HEDDLE_DATA_DIR: '/var/lib/heddle',
        HEDDLE_ROOT_KEY: 'a-key-of-sixteen',
        DATABASE_URL: 'postgres://u:p@db.example/heddle?sslmode=require',
        HEDDLE_LOG_LEVEL: 'debug',
        HEDDLE_RATE_LIMIT: '7',
        SCHEMA_REGISTRY_URL: 'https://me:secret@registry.example:8081',
      }),
    ).toEqual({
      port: 0,
      host: '::',
      dataDir: '/var/lib/heddle',
      rootKey: 'a-key-of-sixteen',
      databaseUrl: 'postgres://u:p@db.example/heddle?sslmode=require',
      logLevel: 'debug',
      rateLimit: 7,
      schemaRegistryUrl: 'https://me:secret@registry.example:8081',
    });
  });

  test('a relative data directory begins at the repository, wherever the program was started', () => {
    expect(loadSettings({ HEDDLE_DATA_DIR: 'data/../other' }).dataDir).toBe(`${packageRoot}/other`);
  });

  test.each([
    ['HEDDLE_PORT', '65536', '"65536"'],
    ['HEDDLE_PORT', '-1', '"-1"'],
    ['HEDDLE_PORT', '44x', '"44x"'],
    ['HEDDLE_PORT', '4400.5', '"4400.5"'],
    ['HEDDLE_HOST', 'http://localhost', '"http://localhost"'],
    ['HEDDLE_HOST', 'two\nlines', '"two\\nlines"'],
    ['HEDDLE_ROOT_KEY', 'short', 'a text of 5 characters'],
    ['DATABASE_URL', 'mysql://u:secret@h/d', '"mysql://***@h/d"'],
    ['DATABASE_URL', 'localhost', '"localhost"'],
    ['HEDDLE_LOG_LEVEL', 'verbose', '"verbose"'],
  ])('%s=%j is refused in one line that names it and the fix', (name, value, shown) => {
    const message = refusal({ [name]: value });
    expect(message).toContain(`${name} is ${shown}: set `);
    expect(message).not.toContain('\n');
  });

  test('a refusal shows neither a password nor a root key', () => {
    expect(refusal({ DATABASE_URL: 'postgres//u:hun@ter:2@h/d' })).not.toMatch(/hun|ter:2/);
    expect(refusal({ DATABASE_URL: 'postgres://u:sec ret@h:port/d' })).not.toContain('ret');
    expect(refusal({ HEDDLE_ROOT_KEY: 'with a space in the key' })).not.toContain('space in');
  });
});
