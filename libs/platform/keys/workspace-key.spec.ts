import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { claimHash, workspaceKeyFrom } from './workspace-key.js';
import { unwrap, wrap } from './wrapped-key.js';

const secret = Buffer.alloc(32, 7);
const ours = workspaceKeyFrom('0'.repeat(32), secret);
const theirs = workspaceKeyFrom('1'.repeat(32), secret);
const hex = (...[kind, scope, value]: [string, string, string]) => claimHash(ours, kind, scope, value).toString('hex');

test('a claim is 16 bytes, and the same whenever the same name is claimed', () => {
  expect(claimHash(ours, 'customer', '', 'ada@example.org')).toHaveLength(16);
  expect(hex('customer', '', 'ada@example.org')).toBe(
    claimHash(workspaceKeyFrom('0'.repeat(32), Buffer.from(secret)), 'customer', '', 'ada@example.org').toString('hex'),
  );
});

test('other kinds, scopes, names and workspaces claim something else, however the parts are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.string(), fc.string()), { maxLength: 20 }), (names) => {
      const distinct = new Set(names.map((name) => JSON.stringify(name)));
      expect(new Set(names.map((name) => hex(...name))).size).toBe(distinct.size);
    }),
  );
  expect(hex('a', 'b', 'c')).not.toBe(hex('a', 'bc', ''));
  expect(claimHash(theirs, 'a', 'b', 'c').toString('hex')).not.toBe(hex('a', 'b', 'c'));
});

test('a data key comes out of its wrapping only for its workspace, id and person', () => {
  const id = randomBytes(16);
  const key = randomBytes(32);
  const wrapped = wrap(ours, id, 'cus_1', key);
  expect(wrapped).toHaveLength(60);
  expect(wrapped.includes(key)).toBe(false);
  expect(unwrap(ours, id, 'cus_1', wrapped)).toEqual(key);
  expect(unwrap(ours, id, 'cus_2', wrapped)).toBeNull();
  expect(unwrap(ours, randomBytes(16), 'cus_1', wrapped)).toBeNull();
  expect(unwrap(theirs, id, 'cus_1', wrapped)).toBeNull();
  expect(unwrap(ours, id, 'cus_1', wrapped.subarray(1))).toBeNull();
});

test('each use has a key of its own', () => {
  const { workspace: _, ...keys } = ours;
  const drawn = Object.values(keys).map((key) => key.export().toString('hex'));
  expect(new Set(drawn).size).toBe(drawn.length);
  expect(theirs.webhookSecrets.equals(ours.webhookSecrets)).toBe(false);
});
