import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestAuthority } from '../testing/test-certificates.js';
import { outsideRegistry } from './outside-registry.js';

const URL = 'https://me:secret@registry.example';

test('is none where none is named', () => {
  expect(outsideRegistry({ schemaRegistryUrl: null, schemaRegistryCa: null })).toBeNull();
});

test('is known by the authorities of Node.js, or by those of a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-registry-ca-'));
  try {
    const { ca: file } = new TestAuthority(folder);
    const pem = readFileSync(file, 'utf8');
    expect(outsideRegistry({ schemaRegistryUrl: URL, schemaRegistryCa: null })).toEqual({ url: URL });
    expect(outsideRegistry({ schemaRegistryUrl: URL, schemaRegistryCa: file })).toEqual({ url: URL, ca: pem });
    expect(() => outsideRegistry({ schemaRegistryUrl: URL, schemaRegistryCa: join(folder, 'absent') })).toThrow(
      /^SCHEMA_REGISTRY_CA: .*absent cannot be read \(ENOENT\)/,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
