import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyFor, serverUrl } from './server-address.js';

describe('Where the server is, and with which key it is asked', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'heddle-cli-'));
  const here = { HEDDLE_DATA_DIR: dataDir };
  writeFileSync(join(dataDir, 'default-key'), 'hdl_default\n');
  afterAll(() => rmSync(dataDir, { recursive: true }));

  it('is this machine where nothing else is said', () => {
    expect(serverUrl({})).toBe('http://127.0.0.1:4400');
    expect(serverUrl({ HEDDLE_PORT: '5000' })).toBe('http://127.0.0.1:5000');
    expect(serverUrl({ HEDDLE_URL: 'https://support.example/heddle/' })).toBe('https://support.example/heddle');
    expect(() => serverUrl({ HEDDLE_URL: 'localhost:4400' })).toThrow('HEDDLE_URL is "localhost:4400"');
  });

  it('takes HEDDLE_API_KEY first, then the key in the data directory', () => {
    expect(keyFor('root', 'http://127.0.0.1:4400', { ...here, HEDDLE_API_KEY: 'given' })).toBe('given');
    expect(keyFor('workspace', 'http://localhost:4400', here)).toBe('hdl_default');
    expect(keyFor('workspace_or_root', 'http://[::1]:4400', here)).toBe('hdl_default');
    expect(keyFor('root', 'http://127.0.0.1:4400', { ...here, HEDDLE_ROOT_KEY: 'root-of-sixteen-chars' })).toBe(
      'root-of-sixteen-chars',
    );
    expect(() => keyFor('root', 'http://127.0.0.1:4400', here)).toThrow(/root-key is made by npm start/);
  });

  it('never sends a key of the data directory to another machine', () => {
    for (const url of ['https://support.example', 'http://127.0.0.1.evil.example', 'http://localhost.evil.example']) {
      expect(() => keyFor('workspace', url, here)).toThrow('HEDDLE_API_KEY is not set');
      expect(() => keyFor('root', url, { ...here, HEDDLE_ROOT_KEY: 'root-of-sixteen-chars' })).toThrow(
        'HEDDLE_API_KEY is not set',
      );
    }
  });

  it('needs no key for what is open to everyone', () => {
    expect(keyFor('public', 'https://support.example', {})).toBeNull();
  });
});
