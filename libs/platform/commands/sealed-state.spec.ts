import { createSecretKey, randomBytes } from 'node:crypto';
import type { DataKey } from '../keys/data-key.js';
import { isSealedState, openState, parseState, type SealedState, sealState } from './sealed-state.js';

const key: DataKey = { id: randomBytes(16), subject: 'cus_1', key: createSecretKey(randomBytes(32)), withheld: null };

it('tells a sealed state from one that merely has such a field', () => {
  expect(isSealedState({ sealed: Buffer.from('x') })).toBe(true);
  expect(isSealedState({ sealed: 'x' })).toBe(false);
});

it('is read as it was written: sealed, or as JSON', () => {
  const text = sealState(key, 'wsp_1', { name: 'Ada' });
  expect(text).toMatch(/^sealed:[A-Za-z0-9+/=]+$/);
  expect(openState(key, 'wsp_1', parseState(text) as SealedState)).toEqual({ name: 'Ada' });
  expect(parseState('{"sealed":"x"}')).toEqual({ sealed: 'x' });
});

it('opens for nobody else, and not in another workspace', () => {
  const state = parseState(sealState(key, 'wsp_1', { name: 'Ada' })) as SealedState;
  expect(() => openState({ ...key, subject: 'cus_2' }, 'wsp_1', state)).toThrow();
  expect(() => openState(key, 'wsp_2', state)).toThrow();
  expect(() => openState({ ...key, key: null }, 'wsp_1', state)).toThrow('erased');
});
